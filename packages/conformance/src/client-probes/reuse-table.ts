// One answer per request, and never another's: RFC 9112 §9. What follows a response, or comes on an idle connection, belongs to
// nobody; the next request must not get it.
import type { Step } from '../prober/wire.ts'
import type { Probe, ProbeStep, ServerScript } from './probe.ts'

const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const SECOND = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond'
const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
const FIRST_STEP: ProbeStep = { expect: 'answer', status: 200, body: 'hello' }
const SECOND_STEP: ProbeStep = { expect: 'answer', status: 200, body: 'second', after: 80 }

interface PairOptions {
  readonly first?: Partial<ProbeStep>
  readonly ending?: ServerScript['ending']
  readonly connections?: number
  readonly rfc?: string
}

// Two requests; the second must get `second`, whatever the first answer carried behind it.
function pair(name: string, send: string | readonly Step[], options: PairOptions = {}): Probe {
  const { first = {}, ending, connections, rfc = '9112 §9.2' } = options
  return {
    name: `reuse/${name}`,
    section: 'reuse',
    rfc,
    scripts: [{ send: typeof send === 'string' ? [send] : send, ending }, { send: [SECOND] }],
    steps: [{ ...FIRST_STEP, ...first }, SECOND_STEP],
    connections,
  }
}

const HEAD: Partial<ProbeStep> = { request: { method: 'HEAD' }, body: '' }
const CLOSE = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'

export const REUSE_PROBES: readonly Probe[] = [
  pair('two-good-answers-share-a-connection', HELLO, { connections: 1, rfc: '9112 §9.3' }),
  pair(
    'chunked-answers-share-a-connection',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    {
      connections: 1,
      rfc: '9112 §9.3',
    },
  ),
  pair('204-shares-a-connection', 'HTTP/1.1 204 No Content\r\n\r\n', {
    first: { status: 204, body: '' },
    connections: 1,
    rfc: '9112 §9.3',
  }),
  pair('head-shares-a-connection', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', {
    first: HEAD,
    connections: 1,
    rfc: '9112 §9.3',
  }),
  pair('close-ends-it', CLOSE, { connections: 2, rfc: '9112 §9.6' }),
  pair('close-in-any-case', CLOSE.replace('close', 'CLOSE'), { connections: 2, rfc: '9112 §9.6' }),
  pair('1.0-ends-it', HELLO.replace('1.1', '1.0'), { connections: 2, rfc: '9112 §9.3' }),
  pair(
    '1.0-keep-alive-stays',
    HELLO.replace('HTTP/1.1 200 OK', 'HTTP/1.0 200 OK\r\nConnection: keep-alive'),
    { connections: 1, rfc: '9112 §9.3' },
  ),
  pair('fin-after-the-answer', HELLO, { ending: 'end', connections: 2, rfc: '9112 §9.6' }),
  pair('reset-after-the-answer', [HELLO, { pause: 30 }], {
    ending: 'reset',
    connections: 2,
    rfc: '9112 §9.5',
  }),

  pair('answer-behind-length', HELLO + POISON, { connections: 2 }),
  pair(
    'answer-behind-chunked',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n${POISON}`,
    { connections: 2 },
  ),
  pair('answer-behind-204', `HTTP/1.1 204 No Content\r\n\r\n${POISON}`, {
    first: { status: 204, body: '' },
    connections: 2,
  }),
  pair('answer-behind-304', `HTTP/1.1 304 Not Modified\r\n\r\n${POISON}`, {
    first: { status: 304, body: '' },
    connections: 2,
  }),
  pair('answer-behind-head', `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n${POISON}`, {
    first: HEAD,
    connections: 2,
  }),
  pair('content-behind-head', HELLO, { first: HEAD, connections: 2 }),
  pair('content-behind-204', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello', {
    first: { status: 204, body: '' },
    connections: 2,
  }),
  pair(
    'chunks-behind-304',
    'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    {
      first: { status: 304, body: '' },
      connections: 2,
    },
  ),
  pair('one-byte-behind', `${HELLO}X`, { connections: 2 }),
  pair('crlf-behind', `${HELLO}\r\n`, {}),
  pair('beginning-of-an-answer-behind', `${HELLO}HTTP/1.1 200 OK\r\n`, { connections: 2 }),
  pair('interim-answer-behind', `${HELLO}HTTP/1.1 100 Continue\r\n\r\n`, { connections: 2 }),
  pair('answer-later-while-idle', [HELLO, { pause: 30 }, POISON], { connections: 2 }),
  pair(
    'timeout-answer-while-idle',
    [HELLO, { pause: 30 }, 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'],
    {
      ending: 'end',
      connections: 2,
    },
  ),
  pair('longer-than-announced', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more', {
    connections: 2,
  }),
  pair('bad-answer-then-a-good-one', 'HTTP/1.1 2OO OK\r\nContent-Length: 5\r\n\r\nhello', {
    first: { expect: 'error' },
    connections: 2,
  }),
  pair('cut-answer-then-a-good-one', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello', {
    first: { expect: 'error' },
    ending: 'end',
    connections: 2,
  }),
  pair(
    'bad-chunk-then-a-good-answer',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${POISON}`,
    {
      first: { expect: 'error' },
      connections: 2,
    },
  ),
  pair(
    'two-lengths-then-a-good-answer',
    `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n${POISON}`,
    {
      first: { expect: 'error' },
      connections: 2,
    },
  ),
]
