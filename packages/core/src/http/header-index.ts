// Where each name of a large header map stands. Only maps with many fields have one: few are found sooner by a scan,
// but thousands of names from a peer must not cost thousands of scans of thousands.

/** @internal */
export class HeaderIndex {
  /** Positions in the flat list, ascending, never an empty list. A `Map`, so that no name is special. */
  private readonly positions: Map<string, number[]>
  /** Deleted fields that still take up room in the flat list; their name there is `''`. */
  holes: number

  constructor(flat: readonly string[]) {
    this.positions = new Map()
    this.holes = 0
    for (let i = 0; i < flat.length; i += 2) this.add(flat[i]!, i)
  }

  add(name: string, at: number): void {
    const list = this.positions.get(name)
    if (list === undefined) this.positions.set(name, [at])
    else list.push(at)
  }

  find(name: string): readonly number[] | undefined {
    return this.positions.get(name)
  }

  /** Forgets all but the first `keep` positions of a name, and makes holes of the rest. */
  cut(name: string, keep: 0 | 1, flat: string[]): void {
    const list = this.positions.get(name)
    if (list === undefined) return
    for (let k = keep; k < list.length; k++) {
      flat[list[k]!] = ''
      flat[list[k]! + 1] = ''
      this.holes++
    }
    if (keep === 0) this.positions.delete(name)
    else list.length = keep
  }
}
