// HPACK that must end the connection: RFC 7541.
import { COMPRESSION_ERROR, headers } from './frames.ts'
import { huffmanOctets, indexed, integer, literal, tableSize } from './hpack.ts'
import { bitsToBytes, CODES } from './huffman-table.ts'
import { ended, get, requestBlock } from './requests.ts'
import { connectionError, rowsOf, type Row } from './row.ts'

const row = rowsOf('hpack')
const bad = connectionError(COMPRESSION_ERROR)
const BASE = requestBlock('GET', '/')

function broken(name: string, rfc: string, ...parts: readonly Uint8Array[]): Row {
  return row(name, `7541 ${rfc}`, headers(1, Buffer.concat([BASE, ...parts])), bad, { unseen: true })
}

/** The bits of a Huffman code, then other bits. */
function tail(text: string, rest: string): readonly number[] {
  return [...bitsToBytes(Array.from(text, (char) => CODES[char.charCodeAt(0)]).join('') + rest)]
}

export const HPACK_ROWS: readonly Row[] = [
  broken('index-0', '§6.1', Buffer.of(0x80)),
  broken('index-62-of-an-empty-table', '§2.3.3', indexed(62)),
  broken('index-70', '§2.3.3', indexed(70)),
  broken('index-2-to-the-31', '§2.3.3', indexed(0x7fffffff)),
  broken('literal-name-index-beyond-the-table', '§2.3.3', literal('plain', 70, 'v')),
  broken(
    'evicted-entry',
    '§4.4',
    literal('indexing', 'x-a', 'v'),
    literal('indexing', 'x-b', 'a'.repeat(4_500)),
    indexed(62),
  ),
  broken('size-update-at-the-end', '§4.2', tableSize(1)),
  broken('size-update-between-fields', '§4.2', tableSize(4096), literal('plain', 'x-a', 'v')),
  row('size-update-above-the-setting', '7541 §6.3', headers(1, Buffer.concat([tableSize(4097), BASE])), bad, {
    unseen: true,
  }),
  row(
    'size-update-of-2-to-the-31',
    '7541 §6.3',
    headers(1, Buffer.concat([tableSize(0x7fffffff), BASE])),
    bad,
    { unseen: true },
  ),
  row(
    'index-after-the-table-was-emptied',
    '7541 §4.3',
    [
      headers(1, Buffer.concat([BASE, literal('indexing', 'x-a', 'v')])),
      ended(),
      headers(3, Buffer.concat([tableSize(0), BASE, indexed(62)])),
    ],
    bad,
  ),
  broken(
    'huffman-padding-of-8-bits',
    '§5.2',
    literal('plain', 'x-a', huffmanOctets(...tail('aaaaaaaa', '11111111'))),
  ),
  broken(
    'huffman-padding-of-15-bits',
    '§5.2',
    literal('plain', 'x-a', huffmanOctets(...tail('a', '1'.repeat(11)))),
  ),
  broken('huffman-padding-only', '§5.2', literal('plain', 'x-a', huffmanOctets(0xff))),
  broken('huffman-padding-of-zeros', '§5.2', literal('plain', 'x-a', huffmanOctets(...tail('a', '000')))),
  broken(
    'huffman-padding-of-zeros-and-ones',
    '§5.2',
    literal('plain', 'x-a', huffmanOctets(...tail('a', '101'))),
  ),
  broken('huffman-eos', '§5.2', literal('plain', 'x-a', huffmanOctets(...tail('', '1'.repeat(30))))),
  broken(
    'huffman-eos-inside',
    '§5.2',
    literal('plain', 'x-a', huffmanOctets(...tail('a', `${'1'.repeat(30)}${CODES[0x61]}`))),
  ),
  broken('huffman-eos-in-a-name', '§5.2', literal('plain', huffmanOctets(0xff, 0xff, 0xff, 0xff), 'v')),
  broken(
    'string-longer-than-the-block',
    '§5.2',
    Buffer.concat([Buffer.of(0x00), integer(3, 7), Buffer.from('x-a'), integer(50, 7), Buffer.from('v')]),
  ),
  broken(
    'string-of-2-to-the-31',
    '§5.2',
    Buffer.concat([Buffer.of(0x00), integer(0x7fffffff, 7), Buffer.from('x-a')]),
  ),
  broken('integer-above-2-to-the-32', '§5.1', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])),
  broken(
    'integer-of-endless-zeros',
    '§5.1',
    Buffer.concat([Buffer.of(0xff), Buffer.alloc(40, 0x80), Buffer.of(0x00)]),
  ),
  broken('integer-cut', '§5.1', Buffer.from([0xff, 0x80])),
  broken(
    'literal-without-value',
    '§6.2.1',
    Buffer.concat([Buffer.of(0x40), integer(3, 7), Buffer.from('x-a')]),
  ),
  row('fault-of-a-second-request', '9113 §4.3', [get(1), ended(), headers(3, Buffer.of(0x80))], bad),
]
