// Response heads: RFC 9112 §4 and §5, RFC 9110 §15.
import { probesOf, type ClientOutcome, type Probe } from './probe.ts'

const { accepts, rejects } = probesOf('response-head')

const REST = 'Content-Length: 5\r\n\r\nhello'

function statusLine(line: string): string {
  return `${line}\r\n${REST}`
}

function withField(line: string): string {
  return `HTTP/1.1 200 OK\r\n${line}\r\n${REST}`
}

function fields(count: number): string {
  return Array.from({ length: count }, (_, index) => `X-${index}: v\r\n`).join('')
}

function has(name: string, value: string): (outcome: ClientOutcome) => string | null {
  return (outcome) =>
    outcome.headers.some(([n, v]) => n.toLowerCase() === name && v === value) ? null : `no ${name}: ${value}`
}

function interim(count: number): (outcome: ClientOutcome) => string | null {
  return ({ informational }) =>
    informational.length === count ? null : `${informational.length} interim responses`
}

const OK = `HTTP/1.1 200 OK\r\n${REST}`
const BAD_STATUS_LINES: readonly (readonly [string, string])[] = [
  ['letter-in-status', 'HTTP/1.1 20X OK'],
  ['two-digits', 'HTTP/1.1 20 OK'],
  ['four-digits', 'HTTP/1.1 2000 OK'],
  ['status-099', 'HTTP/1.1 099 OK'],
  ['status-000', 'HTTP/1.1 000 OK'],
  ['plus', 'HTTP/1.1 +20 OK'],
  ['minus', 'HTTP/1.1 -20 OK'],
  ['no-status', 'HTTP/1.1 OK'],
  ['no-space-before-status', 'HTTP/1.1200 OK'],
  ['two-spaces-before-status', 'HTTP/1.1  200 OK'],
  ['tab-before-status', 'HTTP/1.1\t200 OK'],
  ['no-space-after-status', 'HTTP/1.1 200OK'],
  ['version-2.0', 'HTTP/2.0 200 OK'],
  ['version-0.9', 'HTTP/0.9 200 OK'],
  ['version-without-minor', 'HTTP/1 200 OK'],
  ['version-two-digits', 'HTTP/1.10 200 OK'],
  ['version-lower-case', 'http/1.1 200 OK'],
  ['version-space', 'HTTP /1.1 200 OK'],
  ['other-protocol', 'RTSP/1.0 200 OK'],
  ['icy', 'ICY 200 OK'],
  ['no-status-line', '<html>hello</html>'],
  ['space-first', ' HTTP/1.1 200 OK'],
  ['nul-in-reason', 'HTTP/1.1 200 O\0K'],
  ['bare-cr-in-reason', 'HTTP/1.1 200 O\rK'],
  ['control-in-reason', 'HTTP/1.1 200 O\x07K'],
  ['request-line', 'GET / HTTP/1.1'],
]

const BAD_FIELDS: readonly (readonly [string, string])[] = [
  ['space-before-colon', 'X-A : a'],
  ['empty-name', ': a'],
  ['no-colon', 'X-A'],
  ['space-in-name', 'X A: a'],
  ['non-ascii-name', 'X-\xe9: a'],
  ['nul-in-value', 'X-A: a\0b'],
  ['control-in-value', 'X-A: a\x0bb'],
  ['bare-cr-in-value', 'X-A: a\rb'],
  ['bare-lf-between', 'X-A: a\nX-B: b'],
  ['folded', 'X-A: a\r\n b'],
  ['folded-by-tab', 'X-A: a\r\n\tb'],
  ['name-ended-by-cr', 'X-A\r: a'],
]

export const HEAD_PROBES: readonly Probe[] = [
  accepts('plain', '9112 §4', OK, 'hello'),
  accepts('without-reason', '9112 §4', statusLine('HTTP/1.1 200 '), 'hello'),
  accepts('without-reason-and-space', '9112 §4', statusLine('HTTP/1.1 200'), 'hello', { expect: 'either' }),
  accepts('reason-with-high-bytes', '9112 §4', statusLine('HTTP/1.1 200 \xd8\xa7 ok'), 'hello'),
  accepts('reason-with-tab', '9112 §4', statusLine('HTTP/1.1 200 all\tright'), 'hello'),
  accepts('version-1.0', '9112 §2.3', statusLine('HTTP/1.0 200 OK'), 'hello'),
  accepts('version-1.2', '9112 §2.3', statusLine('HTTP/1.2 200 OK'), 'hello', { expect: 'either' }),
  accepts('status-299', '9110 §15', statusLine('HTTP/1.1 299 Odd'), 'hello', { status: 299 }),
  accepts('status-999', '9110 §15', statusLine('HTTP/1.1 999 Odd'), 'hello', { status: 999 }),
  accepts('crlf-first', '9112 §2.2', `\r\n${OK}`, 'hello', { expect: 'either' }),
  accepts(
    'byte-by-byte',
    '9112 §2.2',
    Array.from(OK).flatMap((byte) => [byte, { pause: 1 }]),
    'hello',
  ),
  ...BAD_STATUS_LINES.map(([name, line]) => rejects(name, '9112 §4', statusLine(line), { ending: 'end' })),
  rejects('bare-lf-after-status-line', '9112 §2.2', `HTTP/1.1 200 OK\n${REST}`, { ending: 'end' }),
  rejects('bare-lf-everywhere', '9112 §2.2', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', {
    ending: 'end',
  }),
  rejects('bare-lf-ends-head', '9112 §2.2', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\nhello', {
    ending: 'end',
  }),
  rejects('cr-alone-ends-head', '9112 §2.2', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\rhello', {
    ending: 'end',
  }),
  rejects('space-before-first-field', '9112 §2.2', 'HTTP/1.1 200 OK\r\n Content-Length: 5\r\n\r\nhello', {
    ending: 'end',
  }),
  ...BAD_FIELDS.map(([name, line]) => rejects(name, '9112 §5', withField(line), { ending: 'end' })),
  rejects('nothing-but-an-end', '9112 §8', '', { ending: 'end' }),
  rejects('nothing-but-a-reset', '9112 §8', '', { ending: 'reset' }),
  rejects('half-a-status-line', '9112 §8', 'HTTP/1.1 20', { ending: 'end' }),
  rejects('half-a-head', '9112 §8', 'HTTP/1.1 200 OK\r\nContent-Le', { ending: 'end' }),
  rejects('head-without-its-end', '9112 §8', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n', { ending: 'end' }),

  accepts('value-with-obs-text', '9110 §5.5', withField('X-A: \xe9\xff'), 'hello', {
    check: has('x-a', '\xe9\xff'),
  }),
  accepts('name-proto', '9110 §5.1', withField('__proto__: a'), 'hello', { check: has('__proto__', 'a') }),
  accepts('name-constructor', '9110 §5.1', withField('constructor: a'), 'hello', {
    check: has('constructor', 'a'),
  }),
  accepts('empty-value', '9110 §5.5', withField('X-A:'), 'hello', { check: has('x-a', '') }),
  accepts('100-fields', '9110 §5.4', `HTTP/1.1 200 OK\r\n${fields(99)}${REST}`, 'hello'),
  rejects('101-fields', '9110 §5.4', `HTTP/1.1 200 OK\r\n${fields(100)}${REST}`),
  accepts('value-300-kb', '9110 §5.4', withField(`X-A: ${'a'.repeat(300_000)}`), 'hello'),
  rejects('value-500-kb', '9110 §5.4', withField(`X-A: ${'a'.repeat(500_000)}`)),
  rejects('endless-status-line', '9110 §5.4', `HTTP/1.1 200 ${'a'.repeat(500_000)}`),

  accepts('interim-100', '9110 §15.2', `HTTP/1.1 100 Continue\r\n\r\n${OK}`, 'hello', { check: interim(1) }),
  accepts(
    'interim-103-with-fields',
    '9110 §15.2',
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`,
    'hello',
    { check: interim(1) },
  ),
  accepts('interim-unknown', '9110 §15.2', `HTTP/1.1 199 Odd\r\n\r\n${OK}`, 'hello', { check: interim(1) }),
  accepts('interim-twenty', '9110 §15.2', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(20) + OK, 'hello', {
    check: interim(20),
  }),
  rejects('interim-thousand', '9110 §15.2', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1_000) + OK),
  rejects('interim-only', '9110 §15.2', 'HTTP/1.1 100 Continue\r\n\r\n', { ending: 'end' }),
  rejects(
    'switch-unasked',
    '9110 §15.2.2',
    `HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n${OK}`,
    {
      ending: 'end',
    },
  ),
]
