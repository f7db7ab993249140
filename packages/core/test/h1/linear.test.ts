// What a head costs is linear in its bytes, however they come: the scan never goes back by more than a line's last two
// bytes (or the version and status of a start line), and what a head in pieces copies is its bytes and the growth of one
// buffer. Counted, not timed.

import { toBytes } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { ClientMachine, ServerMachine } from '../../src/h1/index.ts'
import { serverSettings, clientSettings } from '../../src/h1/options.ts'
import { HeadParser, REQUEST, RESPONSE, TRAILERS, type HeadKind } from '../../src/h1/parse/head-parser.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { get } from './wire.ts'

const FIELDS = 'x-one: 1\r\nX-Long-Name-Number-Two:\t value \r\nempty:\r\n'
const CASES: [string, HeadKind, string][] = [
  ['a request', REQUEST, `\r\n\r\nGET /a/b?c=d HTTP/1.1\r\nhost: a\r\n${FIELDS}\r\n`],
  ['a long target', REQUEST, `GET /${'a'.repeat(5000)} HTTP/1.1\r\n\r\n`],
  ['a long value', REQUEST, `GET / HTTP/1.1\r\nx: ${'a'.repeat(5000)}\r\n\r\n`],
  ['a long name', REQUEST, `GET / HTTP/1.1\r\n${'x'.repeat(5000)}: a\r\n\r\n`],
  [
    'a lot of white space',
    REQUEST,
    `GET / HTTP/1.1\r\nx:${' '.repeat(5000)}\r\ny: a${' '.repeat(5000)}b\r\n\r\n`,
  ],
  ['many fields', REQUEST, `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(1000)}\r\n`],
  ['a response', RESPONSE, `HTTP/1.1 200 ${'OK'.repeat(100)}\r\n${FIELDS}\r\n`],
  ['trailers', TRAILERS, `${FIELDS}\r\n`],
]

/** How many bytes before where it stopped a start-line parser may begin again: an incomplete version, or status code. */
const LOOK_BACK = 8

describe('the scan of a head that comes byte by byte', () => {
  for (const [name, kind, wire] of CASES) {
    test(`never goes back: ${name}`, () => {
      const settings = { ...serverSettings({}), maxHeaders: Infinity }
      const parser = new HeadParser(settings)
      parser.begin(kind, Infinity, settings)
      const bytes = toBytes(wire)
      let result = 0
      for (let end = 1; end <= bytes.length; end++) {
        const before = parser.at
        result = parser.parse(bytes, 0, end)
        expect(parser.at).toBeGreaterThanOrEqual(before)
        // It has looked at all that is there: nothing is left for later but a start line's few bytes.
        if (result === 0) expect(end - parser.at).toBeLessThanOrEqual(LOOK_BACK)
      }
      expect([result, parser.at]).toEqual([1, bytes.length])
    })

    test(`looks at no byte before where it stopped: ${name}`, () => {
      const settings = { ...serverSettings({}), maxHeaders: Infinity }
      const parser = new HeadParser(settings)
      parser.begin(kind, Infinity, settings)
      const bytes = toBytes(wire)
      const copy = bytes.slice()
      let result = 0
      // What was scanned is gone, but for names (found again by id) and the byte before the end of a value.
      for (let end = 1; end <= bytes.length; end++) {
        result = parser.parse(copy, 0, end)
        const lineStart = bytes.lastIndexOf(0x0a, Math.max(0, parser.at - 1)) + 1
        copy.fill(0, 0, Math.max(0, Math.min(lineStart, parser.at - LOOK_BACK)))
      }
      expect(result).toBe(1)
    })
  }

  test('the bytes of a head in pieces are copied once, and the buffer grows by doubling', () => {
    const wire = toBytes(get(`x: ${'a'.repeat(60_000)}`))
    const machine = new ServerMachine()
    const copied = bytesCopied(() => feedEach(machine, wire))
    expect(machine.request?.headers.size).toBe(2)
    expect(copied).toBeGreaterThanOrEqual(wire.length - 1)
    expect(copied).toBeLessThan(wire.length * 3)
  })

  test('a client copies no more', () => {
    const machine = new ClientMachine(clientSettings({}))
    machine.sendHead('GET', '/', '1.1', new HeaderMap(), 0)
    const wire = toBytes(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(300_000)}\r\n\r\n`)
    const copied = bytesCopied(() => feedEach(machine, wire))
    expect(machine.response?.status).toBe(200)
    expect(copied).toBeLessThan(wire.length * 3)
  })
})

function feedEach(machine: ServerMachine | ClientMachine, wire: Uint8Array): void {
  for (let at = 0; at < wire.length; at++) {
    machine.receive(wire.subarray(at, at + 1), 0)
    machine.nextEvent()
  }
}

/** How many bytes `set` copies meanwhile. */
function bytesCopied(run: () => void): number {
  const owner = Uint8Array.prototype
  const set = Reflect.get(owner, 'set') as (
    this: Uint8Array,
    source: ArrayLike<number>,
    offset?: number,
  ) => void
  let copied = 0
  owner.set = function (source: ArrayLike<number>, offset?: number): void {
    copied += source.length
    set.call(this, source, offset)
  }
  try {
    run()
  } finally {
    Reflect.deleteProperty(owner, 'set')
  }
  return copied
}
