// Population: what is under way, for who waits for all of it, or ends it. Those at rest are held weakly: a response that
// nobody reads, and nobody holds, must not live on because it could still be ended. Those that run are a list and no Set:
// the tables that a busy Set leaves behind keep what was in them alive (benchmarks/src/clients/fetch.ts, `dispatch`).

/** One that can be at rest. */
export abstract class Member {
  /** @internal Neighbours among those that run; null while it is not one of them. */
  before: Member | null = null
  /** @internal */
  after: Member | null = null
  /** @internal Its place among those at rest; null while it never was. */
  place: WeakRef<Member> | null = null
}

export class Population {
  /** Neither runs; they are the ends of the list. */
  private readonly head: Member
  private readonly tail: Member
  private readonly resting: Set<WeakRef<Member>>
  private readonly registry: FinalizationRegistry<WeakRef<Member>>
  private whenEmpty: (() => void)[] = []

  constructor() {
    this.head = new End()
    this.tail = new End()
    this.head.after = this.tail
    this.tail.before = this.head
    this.resting = new Set()
    this.registry = new FinalizationRegistry((place) => {
      this.resting.delete(place)
      this.look()
    })
  }

  add(member: Member): void {
    const { tail } = this
    const last = tail.before ?? this.head
    member.before = last
    member.after = tail
    last.after = member
    tail.before = member
  }

  /** It waits for its holder. */
  rest(member: Member): void {
    if (member.after === null) return
    unlink(member)
    if (member.place === null) {
      member.place = new WeakRef(member)
      this.registry.register(member, member.place)
    }
    this.resting.add(member.place)
  }

  /** It goes on. */
  wake(member: Member): void {
    if (member.place !== null && this.resting.delete(member.place)) this.add(member)
  }

  /** It is over. */
  delete(member: Member): void {
    if (member.after !== null) unlink(member)
    else if (member.place !== null) this.resting.delete(member.place)
    if (this.whenEmpty.length > 0) this.look()
  }

  /** Everybody, those at rest too. */
  all(): Member[] {
    const all: Member[] = []
    for (let at = this.head.after; at !== null && at !== this.tail; at = at.after) all.push(at)
    for (const place of this.resting) {
      const member = place.deref()
      if (member !== undefined) all.push(member)
    }
    return all
  }

  /** Resolves when nobody is left. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      this.whenEmpty.push(resolve)
      this.look()
    })
  }

  private look(): void {
    if (this.head.after !== this.tail || this.resting.size > 0) return
    for (const resolve of this.whenEmpty.splice(0)) resolve()
  }
}

class End extends Member {}

function unlink(member: Member): void {
  const { after, before } = member
  if (before !== null) before.after = after
  if (after !== null) after.before = before
  member.before = null
  member.after = null
}
