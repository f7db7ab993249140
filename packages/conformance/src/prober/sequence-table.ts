// Several requests on one connection: as many answers as requests, in order, and nothing after an error is parsed.
// `/hidden` must never be answered: it stands where only a reader that lost its place would find it.
import { get, HELLO_CHUNKED, HOST, postChunked, postLength, request } from './requests.ts'
import { answer, inspected, REFUSAL, rowsOf, type Row, type RowOptions } from './row.ts'

const { refused, answered, either } = rowsOf('sequence')

const HIDDEN = get('/hidden')
const HELLO = answer({ body: 'hello' })
const TWO: RowOptions = { answers: [answer(), answer()] }
const ECHO_TWO: RowOptions = { need: 'echo', answers: [HELLO, answer()] }

// Length says the hidden request is content; chunked says that it follows the end.
const CL_TE_BODY = `0\r\n\r\n${HIDDEN}`
// Chunked says the hidden request is content; the length ends before it.
const TE_CL_BODY = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`

// Whoever understands these reads the chunked coding and closes after the answer; that is allowed to others, not to us.
const VALID = new Set(['plain', 'comma', 'case', 'trailing-space', 'doubled', 'tab'])

const SPELLINGS: readonly (readonly [string, string, readonly number[]])[] = [
  ['plain', 'Transfer-Encoding: chunked\r\n', [400]],
  ['comma', 'Transfer-Encoding: , chunked\r\n', [400, 501]],
  ['case', 'Transfer-Encoding: Chunked\r\n', [400]],
  ['trailing-space', 'Transfer-Encoding: chunked \r\n', [400]],
  ['folded', 'Transfer-Encoding:\r\n chunked\r\n', [400]],
  ['doubled', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', [400]],
  ['doubled-identity', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', [400, 501]],
  ['doubled-unknown', 'Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n', [400, 501]],
  ['tab', 'Transfer-Encoding:\tchunked\r\n', [400]],
  ['vertical-tab', 'Transfer-Encoding: \x0bchunked\r\n', [400, 501]],
  ['space-before-colon', 'Transfer-Encoding : chunked\r\n', [400]],
  ['unknown', 'Transfer-Encoding: xchunked\r\n', [400, 501]],
  ['bare-lf-before', 'X-A: a\nTransfer-Encoding: chunked\r\n', [400]],
  ['bare-cr-before', 'X-A: a\rTransfer-Encoding: chunked\r\n', [400]],
  ['quoted', 'Transfer-Encoding: "chunked"\r\n', [400, 501]],
]

const SMUGGLING: readonly Row[] = SPELLINGS.flatMap(([name, te, statuses]) => {
  const clTe = request('POST', '/', `Content-Length: ${CL_TE_BODY.length}\r\n${te}`, CL_TE_BODY) + get('/')
  const teCl = request('POST', '/', `${te}Content-Length: 4\r\n`, TE_CL_BODY) + get('/')
  const build = VALID.has(name) ? either : refused
  return [
    build(`cl-te-${name}`, '9112 §6.3 (3)', clTe, { statuses, after: 'closed' }),
    build(`te-cl-${name}`, '9112 §6.3 (3)', teCl, { statuses, after: 'closed' }),
  ]
})

export const SEQUENCE_ROWS: readonly Row[] = [
  answered('two-gets-in-one-packet', '9112 §9.3.2', get('/') + get('/'), { ...TWO, after: 'open' }),
  answered('two-gets-one-after-the-other', '9112 §9.3', [get('/'), { until: 1 }, get('/')], {
    ...TWO,
    after: 'open',
  }),
  answered(
    'second-get-in-two-pieces',
    '9112 §9.3.2',
    [`${get('/')}GET / HT`, { until: 1 }, `TP/1.1\r\n${HOST}\r\n`],
    TWO,
  ),
  answered('fifty-gets-in-one-packet', '9112 §9.3.2', get('/').repeat(50), {
    answers: Array.from({ length: 50 }, () => answer()),
  }),
  answered('answers-keep-the-order', '9112 §9.3.2', get('/delay/80') + get('/bytes/3') + get('/status/404'), {
    need: 'reference',
    answers: [answer(), answer({ body: 'abc' }), answer({ status: 404 })],
  }),
  answered('post-then-get', '9112 §9.3.2', postLength('/echo', 'hello') + get('/'), ECHO_TWO),
  answered('chunked-post-then-get', '9112 §9.3.2', postChunked('/echo', HELLO_CHUNKED) + get('/'), ECHO_TWO),
  answered('post-of-nothing-then-get', '9112 §9.3.2', postLength('/echo', '') + get('/'), {
    need: 'echo',
    answers: [answer({ body: '' }), answer()],
  }),
  answered('crlf-between-requests', '9112 §2.2', `${get('/')}\r\n${get('/')}`, TWO),
  answered('crlf-after-post', '9112 §2.2', `${postLength('/echo', 'hello')}\r\n${get('/')}`, ECHO_TWO),
  answered('content-that-is-a-request', '9112 §6.3', postLength('/echo', HIDDEN) + get('/'), {
    need: 'echo',
    answers: [answer({ body: HIDDEN }), answer()],
  }),
  answered(
    'content-that-is-a-request-line',
    '9112 §6.3',
    postLength('/echo', 'GET /hidden HTTP/1.1\r\n') + get('/'),
    {
      need: 'echo',
      answers: [answer({ body: 'GET /hidden HTTP/1.1\r\n' }), answer()],
    },
  ),
  answered('chunked-content-that-is-a-request', '9112 §7.1', postChunked('/echo', TE_CL_BODY) + get('/'), {
    need: 'echo',
    answers: [answer({ body: HIDDEN }), answer()],
  }),
  answered(
    'get-whose-content-is-half-a-request',
    '9112 §6.3',
    [request('GET', '/', 'Content-Length: 16\r\n', 'GET /hidden HTTP'), { pause: 20 }, get('/')],
    TWO,
  ),
  answered(
    'next-head-while-content-is-unread',
    '9112 §9.3',
    [postLength('/ignore', 'hel', '5'), { until: 1 }, `lo${get('/')}`],
    {
      need: 'reference',
      rule: 'E',
      ours: 'E',
      atMost: true,
      ...TWO,
    },
  ),
  answered(
    'late-content-is-never-a-request',
    '9112 §9.3',
    [postLength('/ignore', '', String(HIDDEN.length)), { until: 1 }, { pause: 40 }, HIDDEN],
    {
      need: 'reference',
      rule: 'E',
      ours: 'E',
    },
  ),

  answered('bad-request-after-a-good-one', '9112 §9.3', `${get('/')}GET / HTTP/1.1\r\n\r\n${HIDDEN}`, {
    answers: [answer(), REFUSAL],
    after: 'closed',
  }),
  answered('garbage-after-a-good-one', '9112 §9.3', `${get('/')}\x01\x02\x03${HIDDEN}`, {
    answers: [answer(), REFUSAL],
    after: 'closed',
  }),
  answered('content-longer-than-announced', '9112 §6.3', `${postLength('/echo', 'hello', '4')}${get('/')}`, {
    need: 'echo',
    // The surplus byte and the next method are one unknown method: a request of its own, with nothing lost.
    answers: [answer({ body: 'hell' }), answer({ statuses: [200, 400, 405, 501] })],
  }),
  refused(
    'two-lengths-with-a-hidden-get',
    '9112 §6.3 (5)',
    request('POST', '/', `Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN),
  ),
  refused(
    'two-lengths-reversed-with-a-hidden-get',
    '9112 §6.3 (5)',
    request('POST', '/', `Content-Length: ${HIDDEN.length}\r\nContent-Length: 0\r\n`, HIDDEN),
  ),
  refused(
    'options-with-folded-te',
    '9112 §5.2',
    request('OPTIONS', '/', 'Transfer-Encoding:\r\n chunked\r\n', HELLO_CHUNKED) + get('/'),
  ),
  refused(
    'cl-te-then-get',
    '9112 §6.3 (3)',
    request('POST', '/', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', HELLO_CHUNKED) + get('/'),
    {
      rule: 'E',
      answers: [answer()],
      after: 'closed',
    },
  ),
  refused(
    'cl-te-with-a-byte-left-then-get',
    '9112 §6.3 (3)',
    request('POST', '/', 'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\nX${get('/')}`),
    {
      rule: 'E',
      answers: [answer()],
      after: 'closed',
    },
  ),
  ...SMUGGLING,
  either(
    'te-in-1.0-then-get',
    '9112 §6.1',
    `POST / HTTP/1.0\r\n${HOST}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${HELLO_CHUNKED}${HIDDEN}`,
    {
      after: 'closed',
    },
  ),
  refused(
    'bad-chunk-size-then-get',
    '9112 §7.1',
    postChunked('/inspect', 'zz\r\nhello\r\n0\r\n\r\n') + HIDDEN,
    { need: 'inspect', unseen: false },
  ),
  refused('empty-chunk-size-then-get', '9112 §7.1', postChunked('/inspect', `\r\n${HIDDEN}`), {
    need: 'inspect',
    unseen: false,
  }),
  refused(
    'huge-chunk-size-then-get',
    '9112 §7.1',
    postChunked('/inspect', `fffffffffffffffffffff\r\n\r\n${HIDDEN}`),
    {
      need: 'inspect',
      unseen: false,
      statuses: [400, 413],
    },
  ),
  refused(
    'two-bytes-after-data-then-get',
    '9112 §7.1',
    postChunked('/inspect', `5\r\nhelloXX\r\n0\r\n\r\n${HIDDEN}`),
    { need: 'inspect', unseen: false },
  ),
  refused(
    'lf-ended-extension-hides-a-chunk',
    '9112 §7.1.1',
    postChunked('/inspect', `2;\nxx\r\n4c\r\n0\r\n\r\n${HIDDEN}`),
    { need: 'inspect', unseen: false },
  ),
  refused(
    'bare-lf-size-hides-a-chunk',
    '9112 §7.1',
    postChunked('/inspect', `5\nhello\r\n0\r\n\r\n${HIDDEN}`),
    { need: 'inspect', unseen: false },
  ),
  refused('trailer-fault-then-get', '9112 §7.1.2', postChunked('/inspect', `0\r\nX-T : v\r\n\r\n${HIDDEN}`), {
    need: 'inspect',
    unseen: false,
  }),
  refused('header-fault-then-get', '9112 §5', get('/', 'X-A\r\n') + HIDDEN),
  refused('version-fault-then-get', '9110 §15.6.6', `GET / HTTP/9.9\r\n${HOST}\r\n${HIDDEN}`, {
    statuses: [505],
  }),
  refused('host-fault-then-get', '9112 §3.2', `GET / HTTP/1.1\r\n\r\n${HIDDEN}`),
  refused(
    'length-fault-then-get',
    '9112 §6.3 (5)',
    request('POST', '/', 'Content-Length: +5\r\n', 'hello') + HIDDEN,
  ),
  refused('too-many-fields-then-get', '9110 §5.4', get('/', 'X: y\r\n'.repeat(20_000)) + HIDDEN, {
    statuses: [431],
  }),
  answered(
    'pause-between-head-and-content',
    '9112 §6.3',
    [request('POST', '/echo', 'Content-Length: 5\r\n'), { pause: 1_000 }, `hello${get('/')}`],
    ECHO_TWO,
  ),
  answered(
    'connection-names-content-length',
    '9110 §7.6.1',
    request('POST', '/inspect', 'Connection: content-length\r\nContent-Length: 5\r\n', 'hello') + get('/'),
    {
      need: 'inspect',
      answers: [
        inspected((seen) => (seen.bodyLength === 5 ? null : `content of ${seen.bodyLength} bytes`)),
        answer(),
      ],
    },
  ),
  answered(
    'connection-names-transfer-encoding',
    '9110 §7.6.1',
    request(
      'POST',
      '/echo',
      'Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n',
      HELLO_CHUNKED,
    ) + get('/'),
    ECHO_TWO,
  ),
]
