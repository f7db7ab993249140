// TableEntry: one field of the static or the dynamic table, of a decoder or an encoder.

/** What every entry counts beyond its octets (RFC 7541 §4.1, RFC 9113 §6.5.2). */
export const ENTRY_OVERHEAD = 32

export class TableEntry {
  readonly name: string
  readonly value: string
  /** Octets of name and value and {@link ENTRY_OVERHEAD}. */
  readonly size: number
  /** Bits of `facts.ts`; an encoder has no use for them. */
  readonly facts: number
  /** Which insertion into the table it was, counted from 0; set by the table. */
  id: number
  /** The entry of the same name that was inserted before: an encoder's chain. */
  older: TableEntry | null

  constructor(name: string, value: string, facts: number) {
    this.name = name
    this.value = value
    this.size = ENTRY_OVERHEAD + name.length + value.length
    this.facts = facts
    this.id = 0
    this.older = null
  }
}
