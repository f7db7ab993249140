import { expect, test } from 'vitest'
import { HpackDecoder, HpackEncoder } from '../../src/h2/hpack/index.ts'
import { decode, encode, type Field, fieldsOf, hex, ordered } from './hpack-kit.ts'
import { readVectors } from './vectors.ts'

// Every story of http2jp/hpack-test-case: what other encoders made decodes to the same fields, and what ours makes of
// those fields decodes to them again.

interface Story {
  readonly cases: readonly {
    readonly seqno?: number
    readonly wire?: string
    readonly headers: readonly Readonly<Record<string, string>>[]
    readonly header_table_size?: number
  }[]
}

const { files, missing } = readVectors('hpack-test-case.tar.gz')

if (missing !== '') test.skip(missing, () => undefined)

for (const [path, file] of files) {
  const story = file as Story
  const name = path.replace('.json', '')
  if (story.cases.some(({ wire }) => wire !== undefined)) {
    test(`${name} decodes`, () => {
      const decoder = new HpackDecoder()
      for (const { wire, headers, header_table_size: size } of story.cases) {
        if (size !== undefined) decoder.setMaxTableSize(size)
        expect(decode(decoder, hex(wire!))).toBe(0)
        expect(fieldsOf(decoder)).toEqual(ordered(fieldsIn(headers)))
      }
    })
  }
  test(`${name} comes back from our encoder`, () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder()
    for (const { headers } of story.cases) {
      const fields = fieldsIn(headers)
      expect(decode(decoder, encode(encoder, fields))).toBe(0)
      expect(fieldsOf(decoder)).toEqual(ordered(fields))
      expect(decoder.tableSize).toBe(encoder.tableSize)
    }
  })
}

test.runIf(missing === '')('there are stories of four encoders, and the data they were made of', () => {
  const folders = new Set(Array.from(files.keys(), (path) => path.split('/').at(-2)))
  expect(folders.size).toBe(5)
  expect(files.size).toBe(160)
})

function fieldsIn(headers: readonly Readonly<Record<string, string>>[]): Field[] {
  return headers.flatMap((header) => Object.entries(header))
}
