import { ByteWriter } from '../../src/bytes/byte-writer.ts'
import { type HpackDecoder, type HpackEncoder, type ListLimits } from '../../src/h2/hpack/index.ts'

// What the HPACK tests share: blocks as hex, fields as pairs.

export type Field = readonly [name: string, value: string]

export const WIDE: ListLimits = { maxListSize: 1_000_000, maxFields: 100_000 }

const PSEUDO = ['method', 'scheme', 'authority', 'path', 'status', 'protocol'] as const

/** Hex digits, with blanks anywhere. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Decodes a block that has other bytes around it, as it has in a chunk. @returns the fault */
export function decode(decoder: HpackDecoder, block: Uint8Array, limits: ListLimits = WIDE): number {
  const around = new Uint8Array(block.length + 8).fill(0xff)
  around.set(block, 3)
  return decoder.decode(around, 3, 3 + block.length, limits)
}

/** All fields of the last block: pseudo-header fields in the order of RFC 9113 §8.3, then the others. */
export function fieldsOf(decoder: HpackDecoder): Field[] {
  const fields: Field[] = []
  for (const name of PSEUDO) {
    const value = decoder[name]
    if (value !== null) fields.push([`:${name}`, value])
  }
  for (let i = 0; i < decoder.flat.length; i += 2) fields.push([decoder.flat[i]!, decoder.flat[i + 1]!])
  return fields
}

/** The same order for fields that are given. */
export function ordered(fields: readonly Field[]): Field[] {
  const rank = (name: string): number => PSEUDO.findIndex((pseudo) => name === `:${pseudo}`)
  const pseudo = fields.filter(([name]) => name.startsWith(':'))
  return [
    ...pseudo.toSorted((a, b) => rank(a[0]) - rank(b[0])),
    ...fields.filter(([name]) => !name.startsWith(':')),
  ]
}

export function encode(
  encoder: HpackEncoder,
  fields: readonly Field[],
  sensitive: string[] = [],
): Uint8Array {
  const out = new ByteWriter()
  encoder.begin(out)
  for (const [name, value] of fields) encoder.field(name, value, sensitive.includes(name))
  return out.take()
}

/** A literal without indexing, its strings not packed. */
export function literal(name: string, value: string, first: number = 0x00): Uint8Array {
  return Uint8Array.from([first, name.length, ...latin1(name), value.length, ...latin1(value)])
}

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)))
}
