// HPACK for the prober (RFC 7541): a writer that says each representation by name, right or wrong, and a reader that is strict and
// slow. Independent of the library under test.
import { huffman, unhuffman } from './huffman-table.ts'

export type Field = readonly [name: string, value: string]

/** A string: itself, Huffman coded, or raw bytes with their length octets. */
export type Text = string | { readonly huffman: string } | { readonly raw: Uint8Array }

/** Literals: with incremental indexing (§6.2.1), without (§6.2.2), never indexed (§6.2.3). */
export type Literal = 'indexing' | 'plain' | 'never'

const LITERALS = { indexing: [0x40, 6], plain: [0x00, 4], never: [0x10, 4] } as const

/** An integer with a prefix of `bits` (§5.1), behind the bits of `first`. */
export function integer(value: number, bits: number, first = 0): Buffer {
  const most = 2 ** bits - 1
  if (value < most) return Buffer.of(first | value)
  const out = [first | most]
  let rest = value - most
  while (rest >= 128) {
    out.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
  return Buffer.from(out)
}

/** A string literal (§5.2). */
export function text(value: Text): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'latin1')
    return Buffer.concat([integer(bytes.length, 7), bytes])
  }
  if ('raw' in value) return Buffer.from(value.raw)
  const bytes = huffman(value.huffman)
  return Buffer.concat([integer(bytes.length, 7, 0x80), bytes])
}

/** A Huffman string of these octets, whatever they say. */
export function huffmanOctets(...octets: readonly number[]): Text {
  return { raw: Buffer.concat([integer(octets.length, 7, 0x80), Buffer.from(octets)]) }
}

/** An indexed field (§6.1). */
export function indexed(index: number): Buffer {
  return integer(index, 7, 0x80)
}

/** A literal field; its name is an index or a text. */
export function literal(kind: Literal, name: number | Text, value: Text): Buffer {
  const [first, bits] = LITERALS[kind]
  if (typeof name === 'number') return Buffer.concat([integer(name, bits, first), text(value)])
  return Buffer.concat([Buffer.of(first), text(name), text(value)])
}

/** A dynamic table size update (§6.3). */
export function tableSize(size: number): Buffer {
  return integer(size, 5, 0x20)
}

/** A block of plain literals, which leaves no trace in any table. */
export function block(...fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => literal('plain', name, value)))
}

const STATIC_TABLE: readonly Field[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  ...['200', '204', '206', '304', '400', '404', '500'].map((status): Field => [':status', status]),
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ...(
    'accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control ' +
    'content-disposition content-encoding content-language content-length content-location content-range ' +
    'content-type cookie date etag expect expires from host if-match if-modified-since if-none-match if-range ' +
    'if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization range ' +
    'referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary ' +
    'via www-authenticate'
  )
    .split(' ')
    .map((name): Field => [name, '']),
]

/** Reads the blocks of one direction of a connection, in order. Throws for what it cannot read. */
export class HpackReader {
  private table: Field[] = []
  private limit = 4096
  private bytes: Buffer = Buffer.alloc(0)
  private at = 0

  read(bytes: Buffer): Field[] {
    this.bytes = bytes
    this.at = 0
    const fields: Field[] = []
    while (this.at < bytes.length) {
      const first = this.octet()
      if (first >= 0x80) fields.push(this.entry(this.integer(first, 7)))
      else if (first >= 0x40) fields.push(this.remember(this.literal(first, 6)))
      else if (first < 0x20) fields.push(this.literal(first, 4))
      else {
        if (fields.length > 0) throw new Error('a table size update behind a field')
        this.limit = this.integer(first, 5)
        this.shrink()
      }
    }
    return fields
  }

  private octet(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new Error('the block is cut')
    return byte
  }

  private integer(first: number, bits: number): number {
    const most = 2 ** bits - 1
    let value = first & most
    if (value < most) return value
    for (let shift = 0; ; shift += 7) {
      const byte = this.octet()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
      if (shift > 28) throw new Error('an integer without end')
    }
  }

  private text(): string {
    const first = this.octet()
    const length = this.integer(first, 7)
    const bytes = this.bytes.subarray(this.at, this.at + length)
    if (bytes.length < length) throw new Error('a string is cut')
    this.at += length
    return first >= 0x80 ? unhuffman(bytes) : bytes.toString('latin1')
  }

  private literal(first: number, bits: number): Field {
    const index = this.integer(first, bits)
    const name = index === 0 ? this.text() : this.entry(index)[0]
    return [name, this.text()]
  }

  private entry(index: number): Field {
    const field =
      index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.table[index - STATIC_TABLE.length - 1]
    if (field === undefined) throw new Error(`no field has the index ${index}`)
    return field
  }

  private remember(field: Field): Field {
    this.table.unshift(field)
    this.shrink()
    return field
  }

  private shrink(): void {
    let size = 0
    const kept = this.table.findIndex(
      ([name, value]) => (size += name.length + value.length + 32) > this.limit,
    )
    if (kept >= 0) this.table.length = kept
  }
}
