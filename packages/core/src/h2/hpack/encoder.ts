import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { DynamicTable } from './dynamic-table.ts'
import { writeInteger } from './integer.ts'
import { POLICY_COOKIE, POLICY_NEVER, POLICY_SECOND, POLICY_VARIES, policyOf } from './policy.ts'
import { STATIC_LENGTH } from './static-table.ts'
import { writeString } from './string.ts'
import { ENTRY_OVERHEAD, TableEntry } from './table-entry.ts'

// The encoder (RFC 7541 §3.2): fields come in, one call each, and their representation goes straight into the output.
// It trusts what it is given: lower-case names, pseudo-header fields first, values of one octet per character. A field
// that has been sent costs one look-up by name and a comparison of values (benchmarks/src/micro/hpack.ts).

/** What we use of a peer's table, however much it offers: memory per connection (as hyper has it). */
const MAX_TABLE_SIZE = 4096
const SHORT_COOKIE = 20
/** So many values of one name that did not come back in a row: from then on only one that comes twice is indexed. */
const MAX_MISSES = 4
/** Names that an encoder remembers; beyond it those without an entry are forgotten. */
const MAX_NAMES = 256

const INDEXED = 0x80
const INDEXED_MASK = 0x7f
// Literals: the bits in front, and the mask of the prefix.
const INCREMENTAL = 0x40
const INCREMENTAL_MASK = 0x3f
const WITHOUT = 0x00
const NEVER = 0x10
const WITHOUT_MASK = 0x0f
const SIZE_UPDATE = 0x20
const SIZE_UPDATE_MASK = 0x1f

const STATUS_CODES: readonly number[] = [200, 204, 206, 304, 400, 404, 500]
const FIRST_STATUS = 8

/** What an encoder knows of one name. */
class NameSlot {
  readonly policy: number
  /** Its first index in the static table, 0 when it has none. */
  readonly index: number
  /** The values in the static table from that index on. */
  readonly values: readonly string[] | null
  /** The newest entry of this name, maybe gone from the table by now; older ones hang on it. */
  newest: TableEntry | null
  misses: number
  /** The last value that was not indexed. */
  last: string

  constructor(name: string) {
    const policy = policyOf(name)
    this.policy = policy.kind
    this.index = policy.index
    this.values = policy.values
    this.newest = null
    this.misses = 0
    this.last = ''
  }
}

export class HpackEncoder {
  private readonly table: DynamicTable
  private readonly slots: Map<string, NameSlot>
  private out: ByteWriter | null
  /** The size that the peer's table has now, as far as it was told. */
  private told: number
  /** The size that the table may have. */
  private allowed: number

  /** @param maxTableSize octets; at most 4,096 are used */
  constructor(maxTableSize: number = MAX_TABLE_SIZE) {
    this.table = new DynamicTable(MAX_TABLE_SIZE)
    this.slots = new Map()
    this.out = null
    this.told = MAX_TABLE_SIZE
    this.allowed = MAX_TABLE_SIZE
    this.setPeerTableSize(maxTableSize)
  }

  /** Octets in the dynamic table now. */
  get tableSize(): number {
    return this.table.size
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. What follows from it is said at the start of the next block. */
  setPeerTableSize(size: number): void {
    this.allowed = size < MAX_TABLE_SIZE ? size : MAX_TABLE_SIZE
    if (this.allowed < this.table.maxSize) this.table.resize(this.allowed)
  }

  /**
   * Begins a block. Where the table size has changed it says so first: the lowest size since the last block (RFC 7541
   * §4.2). A higher one waits for the block after that: RFC 7541 would have it as a second update at once, which Go's
   * decoder refuses while there are entries.
   */
  begin(out: ByteWriter): void {
    this.out = out
    if (this.table.maxSize === this.told) {
      if (this.allowed === this.told) return
      this.table.resize(this.allowed)
    }
    this.told = this.table.maxSize
    writeInteger(out, SIZE_UPDATE, SIZE_UPDATE_MASK, this.told)
  }

  /** `:status`. @param code 100 to 999 */
  status(code: number): void {
    const at = STATUS_CODES.indexOf(code)
    if (at >= 0) this.out!.u8(INDEXED | (FIRST_STATUS + at))
    else this.field(':status', String(code), false)
  }

  /** One field of the block. @param isSensitive whether it must not be indexed, here and on the way */
  field(name: string, value: string, isSensitive: boolean): void {
    let slot = this.slots.get(name)
    if (slot === undefined) slot = this.addSlot(name)
    const out = this.out!
    if (isSensitive || slot.policy === POLICY_NEVER) {
      this.literal(out, NEVER, WITHOUT_MASK, slot, name, value)
      return
    }
    if (slot.values !== null) {
      const at = slot.values.indexOf(value)
      if (at >= 0) {
        out.u8(INDEXED | (slot.index + at))
        return
      }
    }
    const entry = this.find(slot, value)
    if (entry === null) {
      this.miss(out, slot, name, value)
      return
    }
    if (slot.misses > 0) slot.misses--
    writeInteger(out, INDEXED, INDEXED_MASK, STATIC_LENGTH + this.table.inserted - entry.id)
  }

  /** The entry of a name with this value; entries that are gone are cut off on the way. */
  private find(slot: NameSlot, value: string): TableEntry | null {
    let entry = slot.newest
    if (entry === null) return null
    const { oldest } = this.table
    if (entry.id < oldest) {
      slot.newest = null
      return null
    }
    while (entry.value !== value) {
      const next: TableEntry | null = entry.older
      if (next === null) return null
      if (next.id < oldest) {
        entry.older = null
        return null
      }
      entry = next
    }
    return entry
  }

  /** A field that is in no table. */
  private miss(out: ByteWriter, slot: NameSlot, name: string, value: string): void {
    if (slot.policy === POLICY_COOKIE && value.length < SHORT_COOKIE) {
      this.literal(out, NEVER, WITHOUT_MASK, slot, name, value)
    } else if (this.isWorthIndexing(slot, name, value)) {
      this.literal(out, INCREMENTAL, INCREMENTAL_MASK, slot, name, value)
      const entry = new TableEntry(name, value, 0)
      entry.older = slot.newest
      // Inserting may evict what it was inserted before: the next search cuts that off.
      this.table.insert(entry)
      slot.newest = entry
      if (slot.misses < MAX_MISSES) slot.misses++
    } else {
      this.literal(out, WITHOUT, WITHOUT_MASK, slot, name, value)
    }
  }

  private isWorthIndexing(slot: NameSlot, name: string, value: string): boolean {
    if (slot.policy === POLICY_VARIES) return false
    // An entry that takes more than half of the table drives out more than it saves.
    if ((ENTRY_OVERHEAD + name.length + value.length) * 2 > this.table.maxSize) return false
    if (slot.policy !== POLICY_SECOND && slot.misses < MAX_MISSES) return true
    const isSecond = slot.last === value
    slot.last = value
    return isSecond
  }

  private literal(
    out: ByteWriter,
    pattern: number,
    mask: number,
    slot: NameSlot,
    name: string,
    value: string,
  ): void {
    if (slot.index > 0) writeInteger(out, pattern, mask, slot.index)
    else if (slot.newest !== null && slot.newest.id >= this.table.oldest) {
      writeInteger(out, pattern, mask, STATIC_LENGTH + this.table.inserted - slot.newest.id)
    } else {
      out.u8(pattern)
      writeString(out, name)
    }
    writeString(out, value)
  }

  private addSlot(name: string): NameSlot {
    if (this.slots.size >= MAX_NAMES) this.forget()
    const slot = new NameSlot(name)
    this.slots.set(name, slot)
    return slot
  }

  /** Names are the application's choice, and may be without number. */
  private forget(): void {
    const { oldest } = this.table
    for (const [name, slot] of this.slots) {
      if (slot.newest === null || slot.newest.id < oldest) this.slots.delete(name)
    }
  }
}
