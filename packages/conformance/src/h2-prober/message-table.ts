// Malformed messages: RFC 9113 §8.1.1 to §8.5.
import { data, headers, PROTOCOL_ERROR } from './frames.ts'
import { block, literal, type Field } from './hpack.ts'
import { fieldsOf, get, post, postBody, requestBlock } from './requests.ts'
import { answered, rowsOf, streamError, type Row } from './row.ts'

const row = rowsOf('message')
const bad = streamError(1, PROTOCOL_ERROR)
const UNSEEN = { unseen: true } as const

const METHOD: Field = [':method', 'GET']
const SCHEME: Field = [':scheme', 'http']
const PATH: Field = [':path', '/']
const AUTHORITY: Field = [':authority', 'localhost']

/** A head of exactly these fields, malformed. */
function head(name: string, rfc: string, ...fields: readonly Field[]): Row {
  return row(name, `9113 ${rfc}`, headers(1, block(...fields)), bad, UNSEEN)
}

/** A good GET with these fields more, malformed. */
function withField(name: string, rfc: string, ...more: readonly Field[]): Row {
  return head(name, rfc, ...fieldsOf('GET', '/', ...more))
}

/** Malformed trailers behind a good head and some data. */
function trailers(name: string, rfc: string, ...fields: readonly Field[]): Row {
  return row(
    name,
    `9113 ${rfc}`,
    [post(1, '/inspect'), data(1, 'x', { end: false }), headers(1, block(...fields))],
    bad,
  )
}

function length(name: string, ...frames: readonly Uint8Array[]): Row {
  return row(name, '9113 §8.1.1', [...frames], bad)
}

const CONTROLS = [0x00, 0x01, 0x07, 0x0a, 0x0d, 0x1f, 0x7f]

export const MESSAGE_ROWS: readonly Row[] = [
  row(
    'second-headers-without-end',
    '9113 §8.1',
    [post(1, '/inspect'), headers(1, block(['x-t', 'v']), { end: false })],
    bad,
  ),
  row(
    'second-headers-without-end-after-data',
    '9113 §8.1',
    [post(1, '/inspect'), data(1, 'x', { end: false }), headers(1, block(['x-t', 'v']), { end: false })],
    bad,
  ),
  row('a-whole-second-request', '9113 §8.1', [post(1, '/inspect'), get(1)], bad),
  withField('upper-case-name', '§8.2.1', ['X-A', 'v']),
  withField('one-upper-case-letter', '§8.2.1', ['x-aB', 'v']),
  withField('empty-name', '§8.2.1', ['', 'v']),
  ...['a b', 'a\tb', 'a:b', 'a\0', 'a\r', 'a\n', 'a\x7f', 'a\x80', 'a\xff'].map((name, index) => {
    return withField(
      `name-with-${['space', 'tab', 'colon', 'nul', 'cr', 'lf', 'del', 'x80', 'xff'][index]}`,
      '§8.2.1',
      [name, 'v'],
    )
  }),
  ...CONTROLS.map((byte) =>
    withField(`value-with-x${byte.toString(16).padStart(2, '0')}`, '§8.2.1', [
      'x-a',
      `a${String.fromCharCode(byte)}b`,
    ]),
  ),
  withField('value-begins-with-space', '§8.2.1', ['x-a', ' v']),
  withField('value-begins-with-tab', '§8.2.1', ['x-a', '\tv']),
  withField('value-ends-with-space', '§8.2.1', ['x-a', 'v ']),
  withField('value-ends-with-tab', '§8.2.1', ['x-a', 'v\t']),
  withField('value-of-one-space', '§8.2.1', ['x-a', ' ']),
  row('value-with-inner-space-is-well', '9113 §8.2.1', get(1, '/', {}, ['x-a', 'a b\tc']), answered(1)),

  head('unknown-pseudo-header', '§8.3', METHOD, SCHEME, PATH, AUTHORITY, [':test', 'v']),
  head('response-pseudo-header', '§8.3', METHOD, SCHEME, PATH, AUTHORITY, [':status', '200']),
  head('pseudo-header-after-regular', '§8.3', METHOD, SCHEME, PATH, ['x-a', 'v'], AUTHORITY),
  head('path-after-regular', '§8.3', METHOD, SCHEME, ['x-a', 'v'], PATH),
  trailers('pseudo-header-in-trailers', '§8.1', ['x-t', 'v'], [':path', '/']),
  trailers('only-a-pseudo-header-in-trailers', '§8.1', METHOD),
  trailers('upper-case-name-in-trailers', '§8.2.1', ['X-T', 'v']),
  trailers('connection-in-trailers', '§8.2.2', ['connection', 'close']),

  ...['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade'].map((name) => {
    return withField(`field-${name}`, '§8.2.2', [name, name === 'transfer-encoding' ? 'chunked' : 'x'])
  }),
  withField('te-gzip', '§8.2.2', ['te', 'gzip']),
  withField('te-trailers-and-more', '§8.2.2', ['te', 'trailers, deflate;q=0.5']),
  withField('te-empty', '§8.2.2', ['te', '']),

  head('path-empty', '§8.3.1', METHOD, SCHEME, [':path', ''], AUTHORITY),
  head('path-missing', '§8.3.1', METHOD, SCHEME, AUTHORITY),
  head('path-twice', '§8.3.1', METHOD, SCHEME, PATH, PATH, AUTHORITY),
  head('path-without-slash', '§8.3.1', METHOD, SCHEME, [':path', 'index.html'], AUTHORITY),
  head('path-asterisk-for-get', '§8.3.1', METHOD, SCHEME, [':path', '*'], AUTHORITY),
  head('path-with-space', '§8.3.1', METHOD, SCHEME, [':path', '/a b'], AUTHORITY),
  head('path-with-fragment', '§8.3.1', METHOD, SCHEME, [':path', '/a#b'], AUTHORITY),
  head('path-with-crlf', '§8.3.1', METHOD, SCHEME, [':path', '/a\r\nx-a: v'], AUTHORITY),
  head('method-missing', '§8.3.1', SCHEME, PATH, AUTHORITY),
  head('method-twice', '§8.3.1', METHOD, METHOD, SCHEME, PATH, AUTHORITY),
  head('method-empty', '§8.3.1', [':method', ''], SCHEME, PATH, AUTHORITY),
  head('method-with-space', '§8.3.1', [':method', 'GET /x'], SCHEME, PATH, AUTHORITY),
  head('scheme-missing', '§8.3.1', METHOD, PATH, AUTHORITY),
  head('scheme-twice', '§8.3.1', METHOD, SCHEME, SCHEME, PATH, AUTHORITY),
  head('scheme-empty', '§8.3.1', METHOD, [':scheme', ''], PATH, AUTHORITY),
  head('authority-twice', '§8.3', METHOD, SCHEME, PATH, AUTHORITY, AUTHORITY),
  head('authority-with-userinfo', '§8.3.1', METHOD, SCHEME, PATH, [':authority', 'user@localhost']),
  head('authority-with-path', '§8.3.1', METHOD, SCHEME, PATH, [':authority', 'localhost/x']),
  head('authority-with-space', '§8.3.1', METHOD, SCHEME, PATH, [':authority', 'local host']),
  head('authority-empty', '§8.3.1', METHOD, SCHEME, PATH, [':authority', '']),
  head('authority-unlike-host', '§8.3.1', METHOD, SCHEME, PATH, AUTHORITY, ['host', 'example.org']),
  head('no-fields', '§8.3.1'),
  head('no-pseudo-header-fields', '§8.3.1', ['x-a', 'v']),
  withField('host-twice', '§8.3.1', ['host', 'localhost'], ['host', 'localhost']),
  head('host-invalid', '§8.3.1', METHOD, SCHEME, PATH, ['host', 'a/b']),

  length('content-length-more-than-data', postBody(1, 'hell', '/inspect', ['content-length', '5'])),
  length('content-length-less-than-data', postBody(1, 'hello', '/inspect', ['content-length', '1'])),
  length(
    'content-length-less-than-several',
    post(1, '/inspect', ['content-length', '1']),
    data(1, 'he', { end: false }),
    data(1, 'llo'),
  ),
  length(
    'content-length-more-than-several',
    post(1, '/inspect', ['content-length', '6']),
    data(1, 'he', { end: false }),
    data(1, 'llo'),
  ),
  length(
    'content-length-without-data',
    headers(1, requestBlock('POST', '/inspect', ['content-length', '5'])),
  ),
  length(
    'content-length-more-than-data-with-trailers',
    post(1, '/inspect', ['content-length', '6']),
    data(1, 'hello', { end: false }),
    headers(1, block(['x-t', 'v'])),
  ),
  ...['+5', '-1', '0x5', '5.0', '', '5, 5', '99999999999999999999'].map((value) => {
    return row(
      `content-length-${value === '' ? 'empty' : value}`,
      '9110 §8.6',
      postBody(1, 'hello', '/inspect', ['content-length', value]),
      bad,
      UNSEEN,
    )
  }),
  row(
    'content-length-twice-different',
    '9110 §8.6',
    postBody(1, 'hello', '/inspect', ['content-length', '5'], ['content-length', '6']),
    bad,
    UNSEEN,
  ),
  row(
    'content-length-twice-the-same',
    '9110 §8.6',
    postBody(1, 'hello', '/inspect', ['content-length', '5'], ['content-length', '5']),
    bad,
    UNSEEN,
  ),

  head('connect-with-path', '§8.5', [':method', 'CONNECT'], PATH, AUTHORITY),
  head('connect-with-scheme', '§8.5', [':method', 'CONNECT'], SCHEME, AUTHORITY),
  head('connect-without-authority', '§8.5', [':method', 'CONNECT']),
  row(
    'protocol-without-the-setting',
    '8441 §3',
    headers(1, block([':method', 'CONNECT'], [':protocol', 'websocket'], SCHEME, PATH, AUTHORITY), {
      end: false,
    }),
    bad,
    UNSEEN,
  ),
  row(
    'protocol-on-get',
    '8441 §4',
    headers(1, block(METHOD, [':protocol', 'websocket'], SCHEME, PATH, AUTHORITY)),
    bad,
    UNSEEN,
  ),
  row(
    'never-indexed-malformed',
    '9113 §8.2.1',
    headers(1, Buffer.concat([requestBlock('GET', '/'), literal('never', 'X-A', 'v')])),
    bad,
    UNSEEN,
  ),
  row('malformed-then-a-good-one', '9113 §8.1.1', [headers(1, block(METHOD)), get(3)], answered(3)),
]
