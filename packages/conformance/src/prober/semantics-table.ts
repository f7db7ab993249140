// What the answers must look like, connection management, Expect and Upgrade: RFC 9110 §6–§10, RFC 9112 §4, §6, §9.
import { get, HELLO_CHUNKED, HOST, postChunked, postLength, request } from './requests.ts'
import { fieldOf, type ParsedResponse } from './response.ts'
import { answer, rowsOf, type Answer, type Row, type RowOptions } from './row.ts'
import type { Step } from './wire.ts'

const { refused, answered, either } = rowsOf('semantics')

const REFERENCE: RowOptions = { need: 'reference' }
const IMF_FIXDATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/

function http10(method: string, path: string, fields = '', body = ''): string {
  return `${method} ${path} HTTP/1.0\r\n${HOST}${fields}\r\n${body}`
}

function one(
  check: (response: ParsedResponse) => string | null,
  more: Partial<Answer> & { status?: number } = {},
): RowOptions {
  return { ...REFERENCE, answers: [answer({ check, ...more })] }
}

function without(...names: string[]): (response: ParsedResponse) => string | null {
  return (response) => {
    const found = names.find((name) => fieldOf(response, name) !== null)
    return found === undefined ? null : `has ${found}`
  }
}

function interimOf(...statuses: number[]): (response: ParsedResponse) => string | null {
  return (response) => {
    const got = response.interim.map(({ status }) => status).join()
    return got === statuses.join() ? null : `interim responses ${got === '' ? 'none' : got}`
  }
}

function field(name: string, wanted: RegExp): (response: ParsedResponse) => string | null {
  return (response) => {
    const value = fieldOf(response, name)
    return value !== null && wanted.test(value) ? null : `${name}: ${value ?? 'none'}`
  }
}

const NO_UPGRADE = answer({ statuses: [200, 400, 404, 426, 501] })
const UPGRADE = 'Connection: upgrade\r\nUpgrade: echo\r\n'
const NO_CONTENT: Answer = answer({ body: '' })

const CONTENT: readonly Row[] = [
  answered('head-has-no-content', '9110 §9.3.2', request('HEAD', '/', '') + get('/'), {
    answers: [answer({ kind: 'head' }), answer()],
  }),
  answered('head-of-a-known-length', '9110 §9.3.2', request('HEAD', '/bytes/10', '') + get('/'), {
    ...REFERENCE,
    answers: [answer({ kind: 'head', check: field('content-length', /^10$/) }), answer()],
  }),
  answered('head-of-a-stream', '9110 §9.3.2', request('HEAD', '/stream/3', '') + get('/'), {
    ...REFERENCE,
    answers: [answer({ kind: 'head' }), answer()],
  }),
  answered('204-has-neither-content-nor-length', '9112 §6.3', get('/status/204') + get('/'), {
    ...REFERENCE,
    answers: [answer({ status: 204, check: without('content-length', 'transfer-encoding') }), answer()],
  }),
  answered('304-has-no-content', '9112 §6.3', get('/status/304') + get('/'), {
    ...REFERENCE,
    answers: [answer({ status: 304 }), answer()],
  }),
  answered('205-has-no-content', '9110 §15.3.6', get('/status/205') + get('/'), {
    ...REFERENCE,
    answers: [answer({ status: 205, body: '' }), answer()],
  }),
  answered('date-is-there', '9110 §6.6.1', get('/'), {
    answers: [answer({ check: field('date', IMF_FIXDATE) })],
  }),
  answered('content-of-unknown-length-is-chunked', '9112 §6.1', get('/stream/3'), {
    ...one((response) => (response.framing === 'chunked' ? null : `framed by ${response.framing}`), {
      body: 'chunk 1\nchunk 2\nchunk 3\n',
    }),
    after: 'open',
  }),
  answered(
    'content-of-known-length',
    '9112 §6.2',
    get('/bytes/100'),
    one((response) => (response.body.length === 100 ? null : 'wrong length')),
  ),
  answered('status-without-phrase-keeps-its-space', '9112 §4', get('/status/299'), {
    ...REFERENCE,
    answers: [answer({ status: 299 })],
  }),
  answered('unknown-status', '9110 §15', get('/status/799'), {
    ...REFERENCE,
    answers: [answer({ status: 799 })],
  }),
  answered('trailers-when-asked-for', '9110 §6.5', get('/trailers', 'TE: trailers\r\nConnection: TE\r\n'), {
    ...one((response) => (response.trailers.length > 0 ? null : 'no trailers')),
    after: 'open',
  }),
  answered(
    'no-trailers-unasked',
    '9110 §6.5',
    get('/trailers'),
    one((response) => (response.trailers.length === 0 ? null : 'trailers')),
  ),
  answered('failing-handler-is-500', '9110 §15.6.1', get('/throw'), {
    ...REFERENCE,
    answers: [answer({ status: 500 })],
  }),
  answered(
    'request-trailers-come-back',
    '9110 §6.5',
    postChunked('/echo', '5\r\nhello\r\n0\r\nX-T: v\r\n\r\n', 'TE: trailers\r\nConnection: TE\r\n'),
    {
      ...one(
        (response) =>
          response.trailers.some(([name, value]) => name.toLowerCase() === 'x-t' && value === 'v')
            ? null
            : 'no trailer',
        {
          body: 'hello',
        },
      ),
    },
  ),
  refused('reset-is-no-end', '9112 §8', get('/reset'), {
    ...REFERENCE,
    unseen: false,
    silent: true,
    cut: true,
  }),
]

const PERSISTENCE: readonly Row[] = [
  answered('1.1-stays-open', '9112 §9.3', get('/'), { after: 'open' }),
  answered('1.1-close', '9112 §9.6', get('/', 'Connection: close\r\n'), {
    after: 'closed',
    answers: [answer({ check: field('connection', /close/i) })],
  }),
  answered('1.1-close-in-any-case', '9112 §9.6', get('/', 'Connection: CLOSE\r\n'), { after: 'closed' }),
  answered('1.1-close-in-a-list', '9112 §9.6', get('/', 'Connection: foo, close\r\n'), { after: 'closed' }),
  answered('1.1-close-in-a-second-field', '9112 §9.6', get('/', 'Connection: foo\r\nConnection: close\r\n'), {
    after: 'closed',
  }),
  answered('1.1-close-beats-keep-alive', '9112 §9.3', get('/', 'Connection: keep-alive, close\r\n'), {
    after: 'closed',
  }),
  answered('1.1-close-as-part-of-a-word', '9110 §7.6.1', get('/', 'Connection: closed\r\n'), {
    after: 'open',
  }),
  answered('1.1-nothing-after-close', '9112 §9.6', get('/', 'Connection: close\r\n') + get('/'), {
    after: 'closed',
  }),
  answered('1.0-closes', '9112 §9.3', http10('GET', '/'), { after: 'closed' }),
  answered(
    '1.0-keep-alive',
    '9112 §9.3',
    [http10('GET', '/', 'Connection: keep-alive\r\n'), { until: 1 }, http10('GET', '/')],
    {
      answers: [answer({ check: field('connection', /keep-alive/i) }), answer()],
      after: 'closed',
    },
  ),
  answered('1.0-nothing-after-the-answer', '9112 §9.3', http10('GET', '/') + http10('GET', '/'), {
    after: 'closed',
  }),
  answered('1.0-is-never-chunked', '9112 §6.1', http10('GET', '/stream/3'), {
    ...one(without('transfer-encoding'), { body: 'chunk 1\nchunk 2\nchunk 3\n' }),
    after: 'closed',
  }),
  answered(
    '1.0-keep-alive-without-length-closes',
    '9112 §9.3',
    http10('GET', '/stream/3', 'Connection: keep-alive\r\n'),
    {
      ...one(without('transfer-encoding'), { body: 'chunk 1\nchunk 2\nchunk 3\n' }),
      after: 'closed',
    },
  ),
  answered('1.0-gets-no-interim-response', '9110 §15.2', http10('GET', '/early-hints'), one(interimOf())),
  answered('1.1-gets-early-hints', '9110 §15.2', get('/early-hints'), one(interimOf(103))),
  answered('fin-after-the-request', '9112 §9.6', [get('/'), { end: true }], {
    ours: 'E',
    rule: 'E',
    silent: true,
    unseen: false,
  }),
  answered(
    'unread-content-then-a-request',
    '9112 §9.3',
    postLength('/ignore', 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n') + get('/'),
    {
      ...REFERENCE,
      rule: 'E',
      ours: 'E',
      answers: [answer(), answer()],
      atMost: true,
    },
  ),
]

const EXPECT = 'Expect: 100-continue\r\n'
const EXPECTING = request('POST', '/echo', `${EXPECT}Content-Length: 5\r\n`)

const EXPECTATIONS: readonly Row[] = [
  answered('expect-continues-before-the-content', '9110 §10.1.1', [EXPECTING, { interim: true }, 'hello'], {
    ...one(interimOf(100), { body: 'hello' }),
    after: 'open',
  }),
  answered(
    'expect-in-any-case',
    '9110 §10.1.1',
    [EXPECTING.replace('100-continue', '100-Continue'), { interim: true }, 'hello'],
    {
      ...one(interimOf(100), { body: 'hello' }),
    },
  ),
  answered(
    'expect-chunked',
    '9110 §10.1.1',
    [request('POST', '/echo', `${EXPECT}Transfer-Encoding: chunked\r\n`), { interim: true }, HELLO_CHUNKED],
    {
      ...one(interimOf(100), { body: 'hello' }),
    },
  ),
  answered('expect-with-eager-content', '9110 §10.1.1', `${EXPECTING}hello`, {
    ...REFERENCE,
    answers: [answer({ body: 'hello' })],
  }),
  answered('expect-with-eager-content-then-a-request', '9110 §10.1.1', `${EXPECTING}hello${get('/')}`, {
    ...REFERENCE,
    answers: [answer({ body: 'hello' }), answer()],
  }),
  answered('expect-without-content', '9110 §10.1.1', get('/', EXPECT), { answers: [answer()] }),
  answered('expect-zero-length', '9110 §10.1.1', request('POST', '/echo', `${EXPECT}Content-Length: 0\r\n`), {
    ...REFERENCE,
    answers: [NO_CONTENT],
  }),
  answered(
    'expect-never-after-the-answer',
    '9110 §10.1.1',
    request('POST', '/ignore', `${EXPECT}Content-Length: 5\r\n`),
    one(interimOf()),
  ),
  answered(
    'expect-in-1.0-is-ignored',
    '9110 §10.1.1',
    [http10('POST', '/echo', `${EXPECT}Content-Length: 5\r\n`), { pause: 60 }, 'hello'],
    {
      ...one(interimOf(), { body: 'hello' }),
    },
  ),
  either(
    'expect-unknown',
    '9110 §10.1.1',
    request('POST', '/echo', 'Expect: 200-ok\r\nContent-Length: 5\r\n', 'hello'),
    {
      need: 'echo',
      ours: 'E',
      statuses: [417],
      unseen: false,
      answers: [answer({ statuses: [200, 417] })],
    },
  ),
]

const UPGRADES: readonly Row[] = [
  answered('upgrade', '9110 §7.8', get('/upgrade', UPGRADE) + 'ping', {
    ...REFERENCE,
    answers: [answer({ kind: 'tunnel', status: 101, body: 'ping', check: field('upgrade', /^echo$/i) })],
  }),
  answered(
    'upgrade-bytes-later',
    '9110 §7.8',
    [get('/upgrade', UPGRADE), { until: 1 }, 'GET / HTTP/1.1\r\n\r\n', { pause: 60 }],
    {
      ...REFERENCE,
      answers: [answer({ kind: 'tunnel', status: 101, body: 'GET / HTTP/1.1\r\n\r\n' })],
    },
  ),
  answered('upgrade-without-connection', '9110 §7.8', get('/upgrade', 'Upgrade: echo\r\n'), {
    ...REFERENCE,
    answers: [NO_UPGRADE],
  }),
  answered('upgrade-in-1.0', '9110 §7.8', http10('GET', '/upgrade', UPGRADE), {
    ...REFERENCE,
    answers: [NO_UPGRADE],
  }),
  answered(
    'upgrade-to-the-unknown',
    '9110 §7.8',
    get('/upgrade', 'Connection: upgrade\r\nUpgrade: rot13\r\n'),
    { ...REFERENCE, answers: [NO_UPGRADE] },
  ),
  answered('upgrade-declined-then-a-request', '9110 §7.8', get('/', UPGRADE) + get('/'), {
    answers: [answer(), answer()],
  }),
  answered('connect', '9110 §9.3.6', `CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\nping`, {
    ...REFERENCE,
    answers: [
      answer({ kind: 'tunnel', body: 'ping', check: without('content-length', 'transfer-encoding') }),
    ],
  }),
  answered(
    'connect-content-length-is-not-framing',
    '9110 §9.3.6',
    `CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\nContent-Length: 2\r\n\r\nping`,
    {
      ...REFERENCE,
      rule: 'E',
      ours: 'E',
      statuses: [400],
      unseen: false,
      answers: [answer({ kind: 'tunnel' })],
    },
  ),
]

// Content of any method is read before the next request (RFC 9112 §6.3: its presence depends on the framing, not on the method).
const CONSUMED: readonly Row[] = ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PUT', 'PATCH'].flatMap((method) => {
  const kind = method === 'HEAD' ? 'head' : 'plain'
  const answers = [answer({ kind, statuses: [200, 204] }), answer()]
  const send: readonly (readonly [string, Step])[] = [
    ['length', request(method, '/', 'Content-Length: 5\r\n', 'hello') + get('/')],
    ['chunked', request(method, '/', 'Transfer-Encoding: chunked\r\n', HELLO_CHUNKED) + get('/')],
  ]
  return send.map(([framing, bytes]) =>
    answered(`${method.toLowerCase()}-with-content-${framing}`, '9112 §6.3', bytes, { answers }),
  )
})

export const SEMANTICS_ROWS: readonly Row[] = [
  ...CONTENT,
  ...PERSISTENCE,
  ...EXPECTATIONS,
  ...UPGRADES,
  ...CONSUMED,
]
