// Field lines: RFC 9112 §5, RFC 9110 §5.
import { get, HOST, request } from './requests.ts'
import { answer, byteRows, inspected, rowsOf, type Answer, type Row } from './row.ts'

const { refused, refused400, answered, either } = rowsOf('header')

function has(...wanted: (readonly [string, string])[]): { answers: Answer[]; need: 'inspect' } {
  const check = inspected((seen) => {
    const missing = wanted.find(([name, value]) => !seen.headers.some(([n, v]) => n === name && v === value))
    return missing === undefined ? null : `${missing.join(': ')} did not arrive as one field`
  })
  return { answers: [check], need: 'inspect' }
}

function fields(count: number): string {
  return Array.from({ length: count }, (_, index) => `X-${index}: v\r\n`).join('')
}

// Every byte that is neither a token character nor the colon (RFC 9110 §5.6.2); CR and LF have rows of their own.
const NOT_TOKEN = [
  ...byteRows(0x00, 0x20),
  ...Array.from('"(),/;<=>?@[\\]{}').map((c) => c.charCodeAt(0)),
  0x7f,
  0x80,
  0xa0,
  0xc3,
  0xff,
]
// Every control byte but TAB (RFC 9110 §5.5).
const CONTROLS = [...byteRows(0x00, 0x1f), 0x7f]

export const HEADER_ROWS: readonly Row[] = [
  refused400('space-before-colon', '9112 §5.1', get('/', 'X-A : a\r\n')),
  refused400('tab-before-colon', '9112 §5.1', get('/', 'X-A\t: a\r\n')),
  refused400('space-before-colon-of-host', '9112 §5.1', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n'),
  refused400(
    'space-before-colon-of-content-length',
    '9112 §5.1',
    request('POST', '/', 'Content-Length : 5\r\n', 'hello'),
  ),
  refused400(
    'space-before-colon-of-transfer-encoding',
    '9112 §5.1',
    request('POST', '/', 'Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
  ),
  refused('empty-name', '9112 §5', get('/', ': a\r\n')),
  refused('only-a-colon', '9112 §5', get('/', ':\r\n')),
  refused('no-colon', '9112 §5', get('/', 'X-A\r\n')),
  refused('no-colon-with-value', '9112 §5', get('/', 'X-A a\r\n')),
  refused('second-request-line-among-fields', '9112 §5', get('/', 'GET /hidden HTTP/1.1\r\n')),
  ...NOT_TOKEN.filter((byte) => byte !== 0x0a && byte !== 0x0d).map((byte) => {
    const name = `name-with-x${byte.toString(16).padStart(2, '0')}`
    return refused(name, '9110 §5.1', get('/', `X${String.fromCharCode(byte)}A: a\r\n`))
  }),
  ...CONTROLS.filter((byte) => byte !== 0x09 && byte !== 0x0a && byte !== 0x0d).map((byte) => {
    const name = `value-with-x${byte.toString(16).padStart(2, '0')}`
    return refused(name, '9110 §5.5', get('/', `X-A: a${String.fromCharCode(byte)}b\r\n`))
  }),
  refused('value-ends-with-nul', '9110 §5.5', get('/', 'X-A: a\0\r\n')),
  refused('value-is-nul', '9110 §5.5', get('/', 'X-A: \0\r\n')),

  answered('empty-value', '9110 §5.5', get('/inspect', 'X-A:\r\n'), has(['x-a', ''])),
  answered('blank-value', '9110 §5.5', get('/inspect', 'X-A: \t \r\n'), has(['x-a', ''])),
  answered('no-space-after-colon', '9112 §5.1', get('/inspect', 'X-A:a\r\n'), has(['x-a', 'a'])),
  answered('whitespace-is-trimmed', '9112 §5.1', get('/inspect', 'X-A: \t a b \t\r\n'), has(['x-a', 'a b'])),
  answered('tab-inside-value', '9110 §5.5', get('/inspect', 'X-A: a\tb\r\n'), has(['x-a', 'a\tb'])),
  answered('colon-inside-value', '9110 §5.5', get('/inspect', 'X-A: a:b: c\r\n'), has(['x-a', 'a:b: c'])),
  answered('obs-text-in-value', '9110 §5.5', get('/inspect', 'X-A: \x80\xff\r\n'), has(['x-a', '\x80\xff'])),
  answered(
    'obs-text-at-the-ends-is-kept',
    '9110 §5.5',
    get('/inspect', 'X-A: \xa0a\x85\r\n'),
    has(['x-a', '\xa0a\x85']),
  ),
  answered(
    'name-of-every-token-character',
    '9110 §5.6.2',
    get('/inspect', "!#$%&'*+-.^_`|~09azAZ: a\r\n"),
    has(["!#$%&'*+-.^_`|~09azaz", 'a']),
  ),
  answered(
    'names-arrive-in-lower-case',
    '9110 §5.1',
    get('/inspect', 'X-MiXeD: a\r\n'),
    has(['x-mixed', 'a']),
  ),
  answered(
    'repeated-fields-keep-their-order',
    '9110 §5.3',
    get('/inspect', 'X-A: 2\r\nX-B: 0\r\nX-A: 1\r\n'),
    {
      need: 'inspect',
      answers: [
        inspected((seen) => {
          const order = seen.headers.filter(([name]) => name === 'x-a').map(([, value]) => value)
          return order.join() === '2,1' ? null : `x-a came as ${order.join()}`
        }),
      ],
    },
  ),
  either('underscore-is-not-dash', '9110 §5.1', get('/inspect', 'X_A: 1\r\nX-A: 2\r\n'), {
    ours: 'A',
    ...has(['x_a', '1'], ['x-a', '2']),
  }),
  either(
    'two-content-types',
    '9110 §8.3',
    request('POST', '/', 'Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n'),
    {
      ours: 'E',
      unseen: false,
    },
  ),

  answered('100-fields', '9110 §5.4', get('/', fields(99))),
  either('101-fields', '9110 §5.4', get('/', fields(100)), { statuses: [431] }),
  refused('10000-fields', '9110 §5.4', get('/', fields(10_000)), { statuses: [431] }),
  either('value-60-kb', '9110 §5.4', get('/', `X-A: ${'a'.repeat(60_000)}\r\n`), {
    ours: 'A',
    statuses: [431],
  }),
  either('value-100-kb', '9110 §5.4', get('/', `X-A: ${'a'.repeat(100_000)}\r\n`), { statuses: [431] }),
  refused('name-100-kb', '9110 §5.4', get('/', `${'a'.repeat(100_000)}: a\r\n`), { statuses: [431] }),
  either(
    'value-100-kb-without-line-end',
    '9110 §5.4',
    `GET / HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(100_000)}`,
    { statuses: [431] },
  ),
  refused('one-megabyte-of-value', '9110 §5.4', get('/', `X-A: ${'a'.repeat(1_048_576)}\r\n`), {
    statuses: [431],
  }),

  answered('name-proto', '9110 §5.1', get('/inspect', '__proto__: a\r\n'), has(['__proto__', 'a'])),
  answered(
    'name-proto-twice',
    '9110 §5.1',
    get('/inspect', '__proto__: a\r\n__proto__: b\r\n'),
    has(['__proto__', 'b']),
  ),
  ...[
    'constructor',
    'hasOwnProperty',
    'toString',
    'valueOf',
    'then',
    'length',
    'prototype',
    '__defineGetter__',
  ].map((name) => {
    return answered(
      `name-${name}`,
      '9110 §5.1',
      get('/inspect', `${name}: a\r\n`),
      has([name.toLowerCase(), 'a']),
    )
  }),
  answered(
    'names-of-numbers',
    '9110 §5.1',
    get('/inspect', '0: a\r\n1: b\r\n-1: c\r\n'),
    has(['0', 'a'], ['1', 'b'], ['-1', 'c']),
  ),
  answered('connection-with-obs-text', '9110 §7.6.1', get('/', 'Connection: \xff\xfe\r\n'), {
    answers: [answer()],
  }),
]
