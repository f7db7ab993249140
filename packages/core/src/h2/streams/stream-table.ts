import type { Stream } from './stream.ts'

// StreamTable: the streams of a connection by their ids. Streams come and go by the thousand, and a Map would be made anew
// again and again, each old one holding the next and the streams in it until a full collection: half of the time of a busy
// client was spent there (benchmarks, h2-client). Here the streams themselves are linked, and a link is cut with its stream.

const FIRST_SIZE = 8
/** A table that was larger than this is let go once it is empty. */
const KEEP_SIZE = 1_024

export class StreamTable {
  size: number = 0
  /**
   * Chains by the id; a power of two of them. Ids of one side go up by two. A peer may choose ids that share a chain, which
   * is then as long as the streams it may have at once.
   */
  private chains: (Stream | null)[] = emptyChains(FIRST_SIZE)

  get(id: number): Stream | undefined {
    const { chains } = this
    let stream = chains[(id >>> 1) & (chains.length - 1)]!
    while (stream !== null && stream.id !== id) stream = stream.beside!
    return stream ?? undefined
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  /** Adds a stream whose id is not there yet. */
  add(stream: Stream): void {
    if (this.size >= this.chains.length) this.grow()
    this.size++
    link(this.chains, stream)
  }

  /** @returns whether it was there */
  delete(id: number): boolean {
    const { chains } = this
    const place = (id >>> 1) & (chains.length - 1)
    let before: Stream | null = null
    let stream = chains[place]!
    while (stream !== null && stream.id !== id) {
      before = stream
      stream = stream.beside!
    }
    if (stream === null) return false
    if (before === null) chains[place] = stream.beside
    else before.beside = stream.beside
    stream.beside = null
    if (--this.size === 0 && chains.length > KEEP_SIZE) this.chains = emptyChains(FIRST_SIZE)
    return true
  }

  /** All of them, in the order of their ids, as they are now: they may be deleted while they are looked at. */
  values(): Stream[] {
    const list: Stream[] = []
    for (const first of this.chains) {
      for (let stream = first; stream !== null; stream = stream.beside) list.push(stream)
    }
    return list.sort((a, b) => a.id - b.id)
  }

  private grow(): void {
    const streams = this.values()
    this.chains = emptyChains(this.chains.length * 2)
    for (const stream of streams) link(this.chains, stream)
  }
}

function link(chains: (Stream | null)[], stream: Stream): void {
  const place = (stream.id >>> 1) & (chains.length - 1)
  stream.beside = chains[place]!
  chains[place] = stream
}

function emptyChains(count: number): (Stream | null)[] {
  const chains: (Stream | null)[] = []
  for (let i = 0; i < count; i++) chains.push(null)
  return chains
}
