// Field blocks: a browser's request of 12 fields and a response of 4, the first time and when every field is in the tables; Huffman
// strings alone. HPACK has no door of its own, so this runs on the sources:
// `node -C source benchmarks/src/micro/run.ts hpack 'decode 12 indexed'`.
import { nodeRuntime } from '@hyper/util/node'
import { ByteWriter } from '../../../packages/core/src/bytes/byte-writer.ts'
import { decodeHuffman, encodeHuffman } from '../../../packages/core/src/h2/hpack/huffman.ts'
import { HpackDecoder, HpackEncoder } from '../../../packages/core/src/h2/hpack/index.ts'
import { textOf } from '../../../packages/core/src/h2/hpack/string.ts'
import type { Work } from './measure.ts'
import { BROWSER_FIELDS } from './messages.ts'

const LIMITS = { maxListSize: 65_536, maxFields: 100 }
// Without Host, Connection, and two more that would make it longer than 12.
const REGULAR = BROWSER_FIELDS.slice(3, 11).flatMap(([name, value]) => [name.toLowerCase(), value])
const PSEUDO = [':method', 'GET', ':scheme', 'https', ':authority', 'www.example.org', ':path', '/']
const REQUEST: readonly string[] = PSEUDO.concat(REGULAR)
const RESPONSE: readonly string[] = [
  'content-type',
  'text/plain; charset=utf-8',
  'content-length',
  '13',
  'date',
  'Mon, 23 Nov 2026 09:00:00 GMT',
]
const TEXT = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

export const cases: Readonly<Record<string, () => Work>> = {
  'decode 12 indexed': () => {
    const encoder = new HpackEncoder()
    const first = blockOf(encoder, REQUEST)
    const block = blockOf(encoder, REQUEST)
    const decoder = new HpackDecoder(4096, nodeRuntime.text)
    decode(decoder, first)
    return repeat(() => decode(decoder, block))
  },
  'decode 12 new': () => {
    const block = blockOf(new HpackEncoder(), REQUEST)
    return repeat(() => decode(new HpackDecoder(4096, nodeRuntime.text), block))
  },
  'encode 12 indexed': () => {
    const encoder = new HpackEncoder()
    const out = new ByteWriter(4096)
    return repeat(() => encode(encoder, REQUEST, out))
  },
  'encode 12 new': () => {
    const out = new ByteWriter(4096)
    return repeat(() => encode(new HpackEncoder(), REQUEST, out))
  },
  'encode response of 4': () => {
    const encoder = new HpackEncoder()
    const out = new ByteWriter(4096)
    return repeat(() => {
      out.reset()
      encoder.begin(out)
      encoder.status(200)
      for (let i = 0; i < RESPONSE.length; i += 2) encoder.field(RESPONSE[i]!, RESPONSE[i + 1]!, false)
    })
  },
  'text of 8, by hand': () => textOf8((bytes) => textOf(bytes, 0, 8, nodeRuntime.text)),
  'text of 8, by the platform': () => textOf8((bytes) => nodeRuntime.text.latin1(bytes, 0, 8)),
  'decode huffman': () => {
    const out = new ByteWriter(4096)
    encodeHuffman(TEXT, out)
    const packed = out.take().slice()
    const target = new Uint8Array(256)
    return repeat(() => {
      if (decodeHuffman(packed, 0, packed.length, target, 0) !== TEXT.length) throw new Error('not the text')
    })
  },
  'encode huffman': () => {
    const out = new ByteWriter(4096)
    return repeat(() => {
      out.reset()
      encodeHuffman(TEXT, out)
    })
  },
}

function repeat(once: () => void): Work {
  return (times) => {
    for (let time = 0; time < times; time += 1) once()
  }
}

function textOf8(make: (bytes: Uint8Array) => string): Work {
  const bytes = new Uint8Array(16).fill(0x61)
  return repeat(() => {
    if (make(bytes).charCodeAt(7) !== 0x61) throw new Error('not the text')
  })
}

function decode(decoder: HpackDecoder, block: Uint8Array): void {
  if (decoder.decode(block, 0, block.length, LIMITS) !== 0 || decoder.flat.length !== 16)
    throw new Error('not 8 fields')
}

function encode(encoder: HpackEncoder, fields: readonly string[], out: ByteWriter): void {
  out.reset()
  encoder.begin(out)
  for (let i = 0; i < fields.length; i += 2) encoder.field(fields[i]!, fields[i + 1]!, false)
}

function blockOf(encoder: HpackEncoder, fields: readonly string[]): Uint8Array {
  const out = new ByteWriter()
  encode(encoder, fields, out)
  return out.take()
}
