// HPACK, from the core's own files (no door gives it): a browser's request of 12 fields, as the first of a connection, as a later
// one whose fields are all in the table, and the head of a small answer.
import { ByteWriter } from '../../../packages/core/src/bytes/byte-writer.ts'
import { HpackDecoder, HpackEncoder } from '../../../packages/core/src/h2/hpack/index.ts'
import { nodeRuntime } from '@hyper/util/node'
import type { Work } from './measure.ts'
import { BROWSER_FIELDS } from './messages.ts'

const LIMITS = { maxListSize: 65_536, maxFields: 100 }
const { text } = nodeRuntime
type Fields = readonly (readonly [string, string])[]

const REQUEST: Fields = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'www.example.org'],
  [':path', '/some/path?with=query'],
  ...BROWSER_FIELDS.slice(2).map(([name, value]) => [name.toLowerCase(), value] as const),
]
const ANSWER: Fields = [
  ['content-type', 'text/plain'],
  ['content-length', '13'],
  ['date', 'Mon, 06 Jul 2026 12:00:00 GMT'],
]

export const cases: Readonly<Record<string, () => Work>> = {
  'decode first': () => {
    const { first } = blocks(REQUEST)
    return (times) => {
      for (let time = 0; time < times; time += 1) decode(new HpackDecoder(4096, text), first)
    }
  },
  'decode later': () => {
    const { first, later } = blocks(REQUEST)
    const decoder = new HpackDecoder(4096, text)
    decode(decoder, first)
    return (times) => {
      for (let time = 0; time < times; time += 1) decode(decoder, later)
    }
  },
  'encode first': () => {
    const out = new ByteWriter(4096)
    return (times) => {
      for (let time = 0; time < times; time += 1) encode(new HpackEncoder(), out, REQUEST)
    }
  },
  'encode later': () => {
    const out = new ByteWriter(4096)
    const encoder = new HpackEncoder()
    return (times) => {
      for (let time = 0; time < times; time += 1) encode(encoder, out, REQUEST)
    }
  },
  'encode answer': () => {
    const out = new ByteWriter(4096)
    const encoder = new HpackEncoder()
    return (times) => {
      for (let time = 0; time < times; time += 1) encode(encoder, out, ANSWER)
    }
  },
}

function encode(encoder: HpackEncoder, out: ByteWriter, fields: Fields): void {
  out.reset()
  encoder.begin(out)
  for (const [name, value] of fields) encoder.field(name, value, false)
}

function decode(decoder: HpackDecoder, block: Uint8Array): void {
  const fault = decoder.decode(block, 0, block.length, LIMITS)
  if (fault !== 0 || decoder.fieldCount !== REQUEST.length) throw new Error('another list')
}

function blocks(fields: Fields): { first: Uint8Array; later: Uint8Array } {
  const encoder = new HpackEncoder()
  const out = new ByteWriter(4096)
  encode(encoder, out, fields)
  const first = out.view().slice()
  // What is indexed by its second sight only is in the table after this.
  encode(encoder, out, fields)
  encode(encoder, out, fields)
  return { first, later: out.view().slice() }
}
