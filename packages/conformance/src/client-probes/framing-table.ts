// Where a response ends: RFC 9112 §6.3 and §7.1, seen from the client.
import { probesOf, type ClientOutcome, type Probe } from './probe.ts'

const { accepts, rejects } = probesOf('response-framing')

const HELLO_CHUNKED = '5\r\nhello\r\n0\r\n\r\n'

function head(...lines: string[]): string {
  return `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}

function length(value: string): string {
  return `${head(`Content-Length: ${value}`)}hello`
}

function coded(value: string): string {
  return `${head(`Transfer-Encoding: ${value}`)}${HELLO_CHUNKED}`
}

function chunked(body: string): string {
  return `${head('Transfer-Encoding: chunked')}${body}`
}

function trailer(name: string, value: string): (outcome: ClientOutcome) => string | null {
  return ({ trailers }) =>
    trailers.some(([n, v]) => n.toLowerCase() === name && v === value) ? null : `no trailer ${name}`
}

const BAD_LENGTHS: readonly (readonly [string, string])[] = [
  ['plus', '+5'],
  ['minus', '-5'],
  ['hex', '0x5'],
  ['point', '5.0'],
  ['exponent', '5e0'],
  ['letters', 'abc'],
  ['underscore', '1_0'],
  ['inner-space', '0 5'],
  ['empty', ''],
  ['list-different', '5, 6'],
  ['comma-after', '5,'],
  ['2-to-the-64-and-five', '18446744073709551621'],
]

const BAD_CODINGS: readonly (readonly [string, string])[] = [
  ['gzip', 'gzip'],
  ['identity', 'identity'],
  ['chunked-then-gzip', 'chunked, gzip'],
  ['chunked-then-identity', 'chunked, identity'],
  ['xchunked', 'xchunked'],
  ['empty', ''],
  ['parameter', 'chunked;a=b'],
  ['quoted', '"chunked"'],
  ['vertical-tab', '\x0bchunked'],
  ['twice', 'chunked, chunked'],
]

const BAD_CHUNKS: readonly (readonly [string, string])[] = [
  ['hex-prefix', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['plus', '+5\r\nhello\r\n0\r\n\r\n'],
  ['minus', '-5\r\nhello\r\n0\r\n\r\n'],
  ['space-before', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['space-after', '5 \r\nhello\r\n0\r\n\r\n'],
  ['empty-size', '\r\nhello\r\n0\r\n\r\n'],
  ['letter', 'g\r\nhello\r\n0\r\n\r\n'],
  ['overflow', '10000000000000005\r\nhello\r\n0\r\n\r\n'],
  ['bare-lf-after-size', '5\nhello\r\n0\r\n\r\n'],
  ['bare-cr-after-size', '5\rhello\r\n0\r\n\r\n'],
  ['bare-lf-after-data', '5\r\nhello\n0\r\n\r\n'],
  ['no-crlf-after-data', '5\r\nhello0\r\n\r\n'],
  ['two-other-bytes-after-data', '5\r\nhelloXX0\r\n\r\n'],
  ['data-longer', '5\r\nhello!\r\n0\r\n\r\n'],
  ['extension-without-name', '5;\r\nhello\r\n0\r\n\r\n'],
  ['extension-with-nul', '5;a=\0\r\nhello\r\n0\r\n\r\n'],
  ['trailer-without-colon', '5\r\nhello\r\n0\r\nX-T\r\n\r\n'],
  ['trailer-space-before-colon', '5\r\nhello\r\n0\r\nX-T : v\r\n\r\n'],
  ['trailer-folded', '5\r\nhello\r\n0\r\nX-T: v\r\n w\r\n\r\n'],
  ['bare-lf-ends-trailers', '5\r\nhello\r\n0\r\n\n'],
  ['extensions-20-kib', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`],
  ['extensions-many', `${'1;aaaaaaaaaaaaaaaaaaaaaaaa=b\r\nh\r\n'.repeat(1_000)}0\r\n\r\n`],
  ['trailers-20-kib', `5\r\nhello\r\n0\r\nX-T: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['trailers-101', `5\r\nhello\r\n0\r\n${'X-T: v\r\n'.repeat(101)}\r\n`],
]

export const FRAMING_PROBES: readonly Probe[] = [
  accepts('length', '9112 §6.3', length('5'), 'hello'),
  accepts('length-then-end', '9112 §6.3', length('5'), 'hello', { ending: 'end' }),
  accepts('length-then-late-reset', '9112 §6.3', [length('5'), { pause: 50 }], 'hello', { ending: 'reset' }),
  accepts('length-zero', '9112 §6.3', head('Content-Length: 0'), ''),
  accepts('length-leading-zeros', '9112 §6.3', length('005'), 'hello', { expect: 'either' }),
  accepts(
    'length-twice-the-same',
    '9112 §6.3',
    `${head('Content-Length: 5', 'Content-Length: 5')}hello`,
    'hello',
    { expect: 'either' },
  ),
  accepts('length-list-the-same', '9112 §6.3', length('5, 5'), 'hello', { expect: 'either' }),
  rejects(
    'length-twice-different',
    '9112 §6.3 (5)',
    `${head('Content-Length: 5', 'Content-Length: 6')}hello!`,
  ),
  rejects(
    'length-twice-in-different-case',
    '9112 §6.3 (5)',
    `${head('content-length: 6', 'CONTENT-LENGTH: 5')}hello!`,
  ),
  ...BAD_LENGTHS.map(([name, value]) =>
    rejects(`length-${name}`, '9112 §6.3 (5)', length(value), { ending: 'end' }),
  ),
  rejects('length-cut-short', '9112 §8', length('6'), { ending: 'end' }),
  rejects('length-cut-by-reset', '9112 §8', [length('6'), { pause: 20 }], { ending: 'reset' }),
  rejects('length-cut-at-the-head', '9112 §8', head('Content-Length: 5'), { ending: 'end' }),

  accepts('chunked', '9112 §7.1', coded('chunked'), 'hello'),
  accepts('chunked-then-end', '9112 §7.1', coded('chunked'), 'hello', { ending: 'end' }),
  accepts(
    'chunked-last-bytes-late',
    '9112 §7.1',
    [chunked('5\r\nhello\r\n0\r\n'), { pause: 30 }, '\r\n'],
    'hello',
    { ending: 'end' },
  ),
  accepts(
    'chunked-byte-by-byte',
    '9112 §7.1',
    Array.from(coded('chunked')).flatMap((byte) => [byte, { pause: 1 }]),
    'hello',
  ),
  accepts('chunked-upper-case', '9112 §7', coded('Chunked'), 'hello', { expect: 'either' }),
  accepts('chunked-extension', '9112 §7.1.1', chunked('5;a="b;c"\r\nhello\r\n0\r\n\r\n'), 'hello'),
  accepts('chunked-trailer', '9112 §7.1.2', chunked('5\r\nhello\r\n0\r\nX-T: v\r\n\r\n'), 'hello', {
    check: trailer('x-t', 'v'),
  }),
  accepts('chunked-tiny', '9112 §7.1', chunked(`${'1\r\nx\r\n'.repeat(5_000)}0\r\n\r\n`), 'x'.repeat(5_000)),
  ...BAD_CODINGS.map(([name, value]) =>
    rejects(`coding-${name}`, '9112 §6.3 (4)', coded(value), { ending: 'end' }),
  ),
  ...BAD_CHUNKS.map(([name, body]) =>
    rejects(`chunk-${name}`, '9112 §7.1', chunked(body), { ending: 'end' }),
  ),
  rejects('chunked-cut-in-data', '9112 §8', chunked('5\r\nhel'), { ending: 'end' }),
  rejects('chunked-cut-before-last-chunk', '9112 §8', chunked('5\r\nhello\r\n'), { ending: 'end' }),
  rejects('chunked-cut-before-last-crlf', '9112 §8', chunked('5\r\nhello\r\n0\r\n'), { ending: 'end' }),
  rejects('chunked-cut-by-reset', '9112 §8', [chunked('5\r\nhello\r\n'), { pause: 20 }], { ending: 'reset' }),
  rejects(
    'length-and-chunked',
    '9112 §6.3 (3)',
    `${head('Content-Length: 5', 'Transfer-Encoding: chunked')}${HELLO_CHUNKED}`,
  ),
  rejects(
    'chunked-and-length',
    '9112 §6.3 (3)',
    `${head('Transfer-Encoding: chunked', 'Content-Length: 5')}${HELLO_CHUNKED}`,
  ),
  rejects(
    'chunked-in-1.0',
    '9112 §6.1',
    `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${HELLO_CHUNKED}`,
    { ending: 'end' },
  ),

  accepts('to-the-end', '9112 §6.3 (8)', `${head()}hello`, 'hello', { ending: 'end' }),
  accepts(
    'to-the-end-in-pieces',
    '9112 §6.3 (8)',
    [`${head()}he`, { pause: 20 }, 'llo', { pause: 20 }],
    'hello',
    { ending: 'end' },
  ),
  accepts('to-the-end-of-nothing', '9112 §6.3 (8)', head(), '', { ending: 'end' }),
  accepts('1.0-to-the-end', '9112 §6.3 (8)', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello', { ending: 'end' }),
  rejects('to-a-reset', '9112 §8', [`${head()}hello`, { pause: 20 }], { ending: 'reset' }),

  accepts('head-ignores-length', '9112 §6.3 (1)', head('Content-Length: 5'), '', {
    request: { method: 'HEAD' },
  }),
  accepts('head-ignores-chunked', '9112 §6.3 (1)', head('Transfer-Encoding: chunked'), '', {
    request: { method: 'HEAD' },
  }),
  accepts('204-ignores-length', '9112 §6.3 (1)', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', '', {
    status: 204,
  }),
  accepts('204-has-no-content', '9112 §6.3 (1)', 'HTTP/1.1 204 No Content\r\n\r\n', '', { status: 204 }),
  accepts(
    '304-ignores-length',
    '9112 §6.3 (1)',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    '',
    { status: 304 },
  ),
  accepts(
    '304-ignores-chunked',
    '9112 §6.3 (1)',
    'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',
    '',
    { status: 304 },
  ),
]
