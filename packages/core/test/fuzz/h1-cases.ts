import { seededRandom, toBytes, toText } from '@hyper/testkit'

// Makes inputs for the HTTP/1 machines: random bytes, and messages that were changed a little. Everything follows from a
// seed and a number, so that a case that fails can be made again.

export interface FuzzCase {
  readonly role: 'server' | 'client'
  /** Latin-1 text: one character per byte. */
  readonly wire: string
  /** Which settings: an index into those of the runner. */
  readonly settings: number
  /** What the caller does: an index into the plans of the runner. */
  readonly plan: number
  /** Seed of the random cuts. */
  readonly cuts: number
  /** What follows the bytes: 0 nothing, 1 the end of the peer's half, 2 the passing of time. */
  readonly after: number
}

export const SETTINGS_COUNT = 4
export const PLAN_COUNT = 8

type Random = (below: number) => number

/** The case with this number. */
export function makeCase(seed: number, number: number): FuzzCase {
  const next = seededRandom((Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b)) >>> 0)
  const random: Random = (below) => Math.floor(next() * below)
  const role = random(2) === 0 ? 'server' : 'client'
  let wire = random(8) === 0 ? noise(random) : messages(role, random)
  for (let count = random(8) < 3 ? 0 : 1 + random(4); count > 0; count--) wire = mutate(wire, random)
  return {
    role,
    wire,
    settings: random(SETTINGS_COUNT),
    plan: random(PLAN_COUNT),
    cuts: random(1 << 30),
    after: random(3),
  }
}

const TOKENS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\r\n\r\n',
  '\r\n ',
  '\r\n\t',
  '0\r\n\r\n',
  '"',
  '\\',
  '\x7f',
  '\u00a0',
  '\u00ff',
  '\x0b',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'HTTP/1.9',
  'http/1.1',
  'GET ',
  'POST / HTTP/1.1\r\n',
  'CONNECT a:1 HTTP/1.1\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'host: a\r\n',
  'Host: b\r\n',
  'host:\r\n',
  'Content-Length: 5\r\n',
  'content-length: 0\r\n',
  'content-length: 5, 5\r\n',
  'content-length: -1\r\n',
  'content-length: 9007199254740993\r\n',
  'Transfer-Encoding: chunked\r\n',
  'transfer-encoding: gzip, chunked\r\n',
  'transfer-encoding : chunked\r\n',
  'transfer-encoding: \u00a0chunked\r\n',
  'transfer-encoding: Chunked\r\n',
  'connection: close\r\n',
  'connection: keep-alive\r\n',
  'connection: upgrade\r\n',
  'upgrade: echo\r\n',
  'expect: 100-continue\r\n',
  'te: trailers\r\n',
  'trailer: x\r\n',
  'bad line\r\n',
  ' fold\r\n',
  'x: \x01\r\n',
  'x : 1\r\n',
  ': 1\r\n',
  '5\r\nhello\r\n',
  '5;a=b\r\n',
  '5;a="q\\""\r\n',
  'ffffffffffffffff\r\n',
  '00000000000000005\r\n',
  '-5\r\n',
  '5 ;a\r\n',
  'a'.repeat(70),
  'a: b\r\n'.repeat(12),
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  '__proto__: 1\r\n',
  'constructor: 1\r\n',
] as const

function pick<T>(list: readonly T[], random: Random): T {
  return list[random(list.length)]!
}

function noise(random: Random): string {
  let text = ''
  for (let length = random(120); length > 0; length--) {
    text += random(3) === 0 ? pick(TOKENS, random) : String.fromCharCode(random(256))
  }
  return text
}

const START_LINES = {
  server: [
    'GET / HTTP/1.1',
    'GET / HTTP/1.1',
    'GET /b HTTP/1.1',
    'POST / HTTP/1.1',
    'POST /c HTTP/1.1',
    'POST /a?b HTTP/1.1',
    'HEAD / HTTP/1.1',
    'PUT / HTTP/1.0',
    'GET http://a/ HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'CONNECT a:80 HTTP/1.1',
    'DELETE /x HTTP/1.2',
    'GET  /  HTTP/1.1',
    'M-SEARCH * HTTP/1.1',
  ],
  client: [
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK',
    'HTTP/1.1 404 Not Found',
    'HTTP/1.0 200 OK',
    'HTTP/1.1 204 No Content',
    'HTTP/1.1 304 Not Modified',
    'HTTP/1.1 101 Switching Protocols',
    'HTTP/1.1 103 Early Hints',
    'HTTP/1.1 100 Continue',
    'HTTP/1.1 200',
    'HTTP/1.3 299 \u00e9',
  ],
} as const

const FIELD_LINES = [
  'x-a: 1',
  'Cookie: a=b; c=d',
  'accept:*/*',
  'X-Empty:',
  'connection: close',
  'connection: keep-alive',
  'connection: Upgrade',
  'upgrade: echo',
  'te: trailers',
  'expect: 100-continue',
  'date: x',
  'trailer: sum',
  'set-cookie: a',
  'x-long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'keep-alive: timeout=5',
] as const

function messages(role: FuzzCase['role'], random: Random): string {
  let text = '\r\n'.repeat(random(12) === 0 ? random(6) : 0)
  for (let count = 1 + random(3); count > 0; count--) text += message(role, random)
  return text
}

function message(role: FuzzCase['role'], random: Random): string {
  let head = `${pick(START_LINES[role], random)}\r\n`
  if (role === 'server' && random(10) > 0) head += 'Host: a\r\n'
  for (let count = random(5); count > 0; count--) head += `${pick(FIELD_LINES, random)}\r\n`
  const kind = random(6)
  if (kind === 0) return `${head}\r\n`
  if (kind >= 3) return `${head}Transfer-Encoding: chunked\r\n\r\n${chunks(random)}`
  const body = 'x'.repeat(random(40))
  return `${head}Content-Length: ${body.length}\r\n\r\n${body}`
}

function chunks(random: Random): string {
  let text = ''
  for (let count = random(4); count > 0; count--) {
    const data = 'y'.repeat(1 + random(20))
    const extension = random(4) === 0 ? pick([';a', ' ;a=b', ';a="q"', '; a = "\\""'], random) : ''
    text += `${data.length.toString(16)}${extension}\r\n${data}\r\n`
  }
  text += '0\r\n'
  for (let count = random(5) === 0 ? 1 + random(3) : 0; count > 0; count--)
    text += `${pick(FIELD_LINES, random)}\r\n`
  return `${text}\r\n`
}

function mutate(wire: string, random: Random): string {
  // Rather behind than in front: what fails in its first line shows nothing of the rest.
  const at = Math.max(random(wire.length + 1), random(wire.length + 1))
  const to = Math.min(wire.length, at + 1 + random(12))
  switch (random(8)) {
    case 0:
      return wire.slice(0, at) + String.fromCharCode(random(256)) + wire.slice(at + 1)
    case 1:
      return wire.slice(0, at) + wire.slice(to)
    case 2:
      return wire.slice(0, to) + wire.slice(at)
    case 3:
      return wire.slice(0, at)
    case 4:
      return flipped(wire, at, 1 << random(8))
    case 5:
      return atLine(wire, at, pick(TOKENS, random))
    default:
      return wire.slice(0, at) + pick(TOKENS, random) + wire.slice(at)
  }
}

function flipped(wire: string, at: number, bit: number): string {
  if (at >= wire.length) return wire
  const bytes = toBytes(wire)
  bytes[at]! ^= bit
  return toText(bytes)
}

/** A token where a line begins: most of them mean something there only. */
function atLine(wire: string, near: number, token: string): string {
  const end = wire.indexOf('\n', near)
  return end < 0 ? wire + token : wire.slice(0, end + 1) + token + wire.slice(end + 1)
}

/** The bytes in chunks: whole (0), byte by byte (1), or by the seed. */
export function cutUp(wire: string, way: number, seed: number): Uint8Array[] {
  const bytes = toBytes(wire)
  if (bytes.length === 0) return []
  if (way === 0) return [bytes]
  const next = seededRandom(seed)
  const largest = way === 1 ? 1 : 1 + Math.floor(next() * 40)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const to = Math.min(bytes.length, at + 1 + (largest === 1 ? 0 : Math.floor(next() * largest)))
    parts.push(bytes.subarray(at, to))
    at = to
  }
  return parts
}
