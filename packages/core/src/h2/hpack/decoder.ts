import { plainText, type TextCodec } from '../../rt/index.ts'
import { DynamicTable } from './dynamic-table.ts'
import {
  BAD_ORDER,
  BAD_TWICE,
  BAD_VALUE,
  factsOfValue,
  isValueValid,
  MALFORMED,
  SEEN_AUTHORITY,
  SEEN_METHOD,
  SEEN_PATH,
  SEEN_PROTOCOL,
  SEEN_PSEUDO,
  SEEN_REGULAR,
  SEEN_SCHEME,
  SEEN_STATUS,
  VALUE_FACTS,
} from './facts.ts'
import { HPACK_INDEX, HPACK_LIST_TOO_LARGE, HPACK_SIZE_UPDATE, HPACK_SIZE_UPDATE_MISSING } from './fault.ts'
import { cursor, readInteger } from './integer.ts'
import { factsOfName, findName, KNOWN_NAMES } from './known-names.ts'
import { STATIC_LENGTH, STATIC_TABLE } from './static-table.ts'
import { beginStrings, readString, textOf } from './string.ts'
import { ENTRY_OVERHEAD, TableEntry } from './table-entry.ts'

// The decoder (RFC 7541 §3.2): whole field blocks come in, fields and what is to be known about them come out, in
// properties that the next block overwrites. Nothing is thrown: a fault is a negative number, after which the decoder
// must not be used. A list over its limit is still decoded, so that the table stays in step, but nothing of it is kept
// or made into strings; one that goes on to four times the limit is a fault (header bombs: CVE-2016-6581,
// CVE-2026-49975).

const MAX_UPDATES = 2
const FAR_TOO_LARGE = 4

/** What one field list may be; either limit makes it `overLimit`. */
export interface ListLimits {
  /** Octets of names and values, and 32 for each field (RFC 9113 §6.5.2). */
  readonly maxListSize: number
  readonly maxFields: number
}

export class HpackDecoder {
  /** Regular fields in order: name, value, name, value, …; a new list for each block, to be kept or changed at will. */
  flat: string[] = []
  // The pseudo-header fields of the block; the first one where a name is there twice.
  method: string | null = null
  scheme: string | null = null
  authority: string | null = null
  path: string | null = null
  status: string | null = null
  protocol: string | null = null
  /** Names of fields that must never be indexed (RFC 7541 §7.1.3); a name is here once for each of its fields. */
  sensitive: string[] | null = null
  /** Bits of `facts.ts`: the union over all fields of the block. */
  seen: number = 0
  /** The same for what occurred more than once. */
  repeated: number = 0
  /** The BAD_ bits: 0 for a well-formed block. */
  malformed: number = 0
  /** The size of the list as RFC 9113 §6.5.2 counts it, whether or not it was kept. */
  listSize: number = 0
  fieldCount: number = 0
  /** The list went over a limit: `flat` is empty, and pseudo-header fields are there as far as they came before. */
  overLimit: boolean = false
  private readonly table: DynamicTable
  private readonly text: TextCodec
  /** Our SETTINGS_HEADER_TABLE_SIZE: what an update may ask for. */
  private maxTableSize: number
  /** The lowest limit since the last block where it is below the table's size, which an update must follow; or -1. */
  private required: number = -1
  private at: number = 0
  private maxListSize: number = 0
  private maxFields: number = 0

  /** @param maxTableSize our SETTINGS_HEADER_TABLE_SIZE in octets; @param text how octets become strings */
  constructor(maxTableSize: number = 4096, text: TextCodec = plainText) {
    this.table = new DynamicTable(maxTableSize)
    this.text = text
    this.maxTableSize = maxTableSize
  }

  /** Octets in the dynamic table now (RFC 7541 §4.1). */
  get tableSize(): number {
    return this.table.size
  }

  /** Our SETTINGS_HEADER_TABLE_SIZE has been acknowledged. A lower one must be answered in the next block. */
  setMaxTableSize(size: number): void {
    this.maxTableSize = size
    if (size < this.table.maxSize && (this.required < 0 || size < this.required)) this.required = size
  }

  /** Decodes the block `bytes[start, end)`. @returns 0, or a fault of `fault.ts` */
  decode(bytes: Uint8Array, start: number, end: number, limits: ListLimits): number {
    this.begin(start, limits)
    let fault = 0
    if (start < end && (this.required >= 0 || isUpdate(bytes[start]!))) fault = this.readUpdates(bytes, end)
    while (fault === 0 && this.at < end) {
      const byte = bytes[this.at]!
      // Indexed field (RFC 7541 §6.1), nearly always with its index in the one octet.
      if (byte > 0x80 && byte < 0xff) {
        this.at++
        const index = byte & 0x7f
        const entry = index <= STATIC_LENGTH ? STATIC_TABLE[index]! : this.table.at(index - STATIC_LENGTH)
        fault = entry === null ? HPACK_INDEX : this.take(entry)
      } else fault = byte >= 0x80 ? this.readIndexed(bytes, end) : this.readLiteral(bytes, end, byte)
    }
    if ((this.repeated & SEEN_PSEUDO) !== 0) this.seen |= BAD_TWICE
    this.malformed = this.seen & MALFORMED
    return fault
  }

  private begin(start: number, limits: ListLimits): void {
    this.flat = []
    this.method = null
    this.scheme = null
    this.authority = null
    this.path = null
    this.status = null
    this.protocol = null
    this.sensitive = null
    this.seen = 0
    this.repeated = 0
    this.malformed = 0
    this.listSize = 0
    this.fieldCount = 0
    this.overLimit = false
    this.at = start
    this.maxListSize = limits.maxListSize
    this.maxFields = limits.maxFields
  }

  /** Table size updates at the start of the block (RFC 7541 §4.2, §6.3). */
  private readUpdates(bytes: Uint8Array, end: number): number {
    let updates = 0
    while (this.at < end && isUpdate(bytes[this.at]!)) {
      const size = this.readPrefixed(bytes, end, 0x1f)
      if (size < 0) return size
      if (size > this.maxTableSize || ++updates > MAX_UPDATES) return HPACK_SIZE_UPDATE
      // The first one must say the lowest limit there was.
      if (updates === 1 && this.required >= 0) {
        if (size > this.required) return HPACK_SIZE_UPDATE_MISSING
        this.required = -1
      }
      this.table.resize(size)
    }
    return this.required >= 0 ? HPACK_SIZE_UPDATE_MISSING : 0
  }

  /** The integer at `at`, whose prefix has the bits of `mask`. */
  private readPrefixed(bytes: Uint8Array, end: number, mask: number): number {
    const prefix = bytes[this.at]! & mask
    this.at++
    if (prefix < mask) return prefix
    const value = readInteger(bytes, this.at, end, mask)
    this.at = cursor.at
    return value
  }

  private readIndexed(bytes: Uint8Array, end: number): number {
    const index = this.readPrefixed(bytes, end, 0x7f)
    if (index < 0) return index
    const entry = this.entryAt(index)
    return entry === null ? HPACK_INDEX : this.take(entry)
  }

  private entryAt(index: number): TableEntry | null {
    if (index > STATIC_LENGTH) return this.table.at(index - STATIC_LENGTH)
    return index === 0 ? null : STATIC_TABLE[index]!
  }

  /** A literal field (RFC 7541 §6.2): its name, then its value. */
  private readLiteral(bytes: Uint8Array, end: number, byte: number): number {
    // Nor may an update stand behind a field.
    if (isUpdate(byte)) return HPACK_SIZE_UPDATE
    const isIndexed = byte >= 0x40
    const index = this.readPrefixed(bytes, end, isIndexed ? 0x3f : 0x0f)
    if (index < 0) return index
    beginStrings()
    if (index === 0) return this.readNamed(bytes, end, byte)
    const known = this.entryAt(index)
    if (known === null) return HPACK_INDEX
    const fault = readString(bytes, this.at, end)
    if (fault < 0) return fault
    this.at = cursor.at
    const isOver = this.count(ENTRY_OVERHEAD + known.name.length + cursor.end - cursor.start)
    if (isOver < 0) return isOver
    return this.takeLiteral(byte, known.name, known.facts & ~VALUE_FACTS)
  }

  /** A literal with a name of its own. */
  private readNamed(bytes: Uint8Array, end: number, byte: number): number {
    let fault = readString(bytes, this.at, end)
    if (fault < 0) return fault
    const source = cursor.bytes
    const { start, end: stop } = cursor
    fault = readString(bytes, cursor.at, end)
    if (fault < 0) return fault
    this.at = cursor.at
    const isOver = this.count(ENTRY_OVERHEAD + stop - start + cursor.end - cursor.start)
    if (isOver < 0) return isOver
    const id = findName(source, start, stop)
    if (this.overLimit && !this.canInsert(byte, stop - start)) return this.drop(byte, stop - start)
    const name = id >= 0 ? KNOWN_NAMES[id]! : textOf(source, start, stop, this.text)
    return this.takeLiteral(byte, name, factsOfName(id))
  }

  /** The value, whose octets the cursor has, and the place of the field in the list and the table. */
  private takeLiteral(byte: number, name: string, nameFacts: number): number {
    if (this.overLimit && !this.canInsert(byte, name.length)) return this.drop(byte, name.length)
    const value = textOf(cursor.bytes, cursor.start, cursor.end, this.text)
    let facts = nameFacts | factsOfValue(nameFacts, value)
    if (!isValueValid(cursor.bytes, cursor.start, cursor.end)) facts |= BAD_VALUE
    if (byte >= 0x40) this.table.insert(new TableEntry(name, value, facts))
    else if (byte >= 0x10 && !this.overLimit) this.markSensitive(name)
    if (!this.overLimit) this.keep(name, value, facts)
    return 0
  }

  /** An entry that is indexed and has room in the table must be made even of a list that is not kept. */
  private canInsert(byte: number, nameLength: number): boolean {
    return byte >= 0x40 && ENTRY_OVERHEAD + nameLength + cursor.end - cursor.start <= this.table.maxSize
  }

  /** A field of a list that is not kept; too large an entry still empties the table (RFC 7541 §4.4). */
  private drop(byte: number, nameLength: number): number {
    if (byte >= 0x40) this.table.evict(ENTRY_OVERHEAD + nameLength + cursor.end - cursor.start)
    return 0
  }

  private markSensitive(name: string): void {
    if (this.sensitive === null) this.sensitive = []
    this.sensitive.push(name)
  }

  private take(entry: TableEntry): number {
    const fault = this.count(entry.size)
    if (fault === 0 && !this.overLimit) this.keep(entry.name, entry.value, entry.facts)
    return fault
  }

  /** Every field counts, the smallest cookie crumb too. */
  private count(size: number): number {
    const listSize = this.listSize + size
    this.listSize = listSize
    this.fieldCount++
    if (listSize <= this.maxListSize && this.fieldCount <= this.maxFields) return 0
    if (!this.overLimit) {
      this.overLimit = true
      this.flat = []
      this.sensitive = null
    }
    return listSize > this.maxListSize * FAR_TOO_LARGE ? HPACK_LIST_TOO_LARGE : 0
  }

  private keep(name: string, value: string, facts: number): void {
    this.repeated |= this.seen & facts
    this.seen |= facts
    if ((facts & SEEN_REGULAR) !== 0) this.flat.push(name, value)
    else this.keepPseudo(value, facts)
  }

  private keepPseudo(value: string, facts: number): void {
    // Pseudo-header fields come first (RFC 9113 §8.3).
    if ((this.seen & SEEN_REGULAR) !== 0) this.seen |= BAD_ORDER
    if ((this.repeated & facts & SEEN_PSEUDO) !== 0) return
    switch (facts & SEEN_PSEUDO) {
      case SEEN_METHOD:
        this.method = value
        break
      case SEEN_SCHEME:
        this.scheme = value
        break
      case SEEN_AUTHORITY:
        this.authority = value
        break
      case SEEN_PATH:
        this.path = value
        break
      case SEEN_STATUS:
        this.status = value
        break
      case SEEN_PROTOCOL:
        this.protocol = value
    }
  }
}

/** A table size update begins with 001 (RFC 7541 §6.3). */
function isUpdate(byte: number): boolean {
  return (byte & 0xe0) === 0x20
}
