import type { TableEntry } from './table-entry.ts'

// The dynamic table (RFC 7541 §2.3.2): the newest entries that fit into `maxSize`, in a ring that grows with them. An
// unused table holds no memory, and an evicted entry is let go at once.

const FIRST_CAPACITY = 8

const NONE: (TableEntry | null)[] = []

export class DynamicTable {
  /** The sizes of all entries together, in octets (RFC 7541 §4.1). */
  size: number = 0
  /** How many entries there are. */
  length: number = 0
  /** How many there have ever been: the id of the next one. */
  inserted: number = 0
  /** Octets; changed by {@link resize}. */
  maxSize: number
  private ring: (TableEntry | null)[] = NONE

  constructor(maxSize: number) {
    this.maxSize = maxSize
  }

  /** The id of the oldest entry that is still there; entries with lower ids are gone. */
  get oldest(): number {
    return this.inserted - this.length
  }

  /** The entry at `index`: 1 is the newest; null beyond the end. */
  at(index: number): TableEntry | null {
    if (index < 1 || index > this.length) return null
    return this.ring[(this.inserted - index) & (this.ring.length - 1)]!
  }

  /** Puts an entry in front. One that is larger than the table empties it and stays outside (RFC 7541 §4.4). */
  insert(entry: TableEntry): void {
    if (this.size + entry.size > this.maxSize) {
      this.evict(entry.size)
      if (entry.size > this.maxSize) return
    }
    if (this.length === this.ring.length) this.grow()
    entry.id = this.inserted
    this.ring[this.inserted & (this.ring.length - 1)] = entry
    this.inserted++
    this.length++
    this.size += entry.size
  }

  /** Evicts until `room` octets are free or nothing is left. */
  evict(room: number): void {
    const mask = this.ring.length - 1
    while (this.length > 0 && this.size + room > this.maxSize) {
      const slot = (this.inserted - this.length) & mask
      this.size -= this.ring[slot]!.size
      this.ring[slot] = null
      this.length--
    }
    if (this.length === 0) this.ring = NONE
  }

  /** A new maximum, from now on (RFC 7541 §4.3). */
  resize(maxSize: number): void {
    this.maxSize = maxSize
    this.evict(0)
  }

  private grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, this.ring.length * 2)
    const grown: (TableEntry | null)[] = []
    for (let i = 0; i < capacity; i++) grown.push(null)
    for (let id = this.oldest; id < this.inserted; id++) {
      grown[id & (capacity - 1)] = this.ring[id & (this.ring.length - 1)]!
    }
    this.ring = grown
  }
}
