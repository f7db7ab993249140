// RecentResets: streams that we have reset and whose peer may not know yet. What still arrives for them is dropped
// without an error (RFC 9113 §5.1, closed); for all other closed streams it is one. Bounded: the oldest is forgotten.

const KEPT = 128

export class RecentResets {
  private ids: number[] | null = null
  private at: number = 0

  add(id: number): void {
    if (this.ids === null) this.ids = []
    if (this.ids.length < KEPT) this.ids.push(id)
    else {
      this.ids[this.at] = id
      this.at = (this.at + 1) % KEPT
    }
  }

  has(id: number): boolean {
    return this.ids !== null && this.ids.includes(id)
  }
}
