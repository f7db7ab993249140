import { describe, expect, test } from 'vitest'
import { Body, channel, limitBody } from '../../src/body/index.ts'
import { ERROR_CODES, HyperError } from '../../src/error/index.ts'
import type { ErrorBy, ErrorCode, ErrorPhase } from '../../src/error/index.ts'
import { ClientMachine, upgraded } from '../../src/h1/index.ts'
import type { H1ServerOptions } from '../../src/h1/index.ts'
import { HeaderMap, HttpRequest, HttpResponse } from '../../src/http/index.ts'
import type { Service } from '../../src/service/service.ts'
import { dialed, errorOf, GET, served, stream, thrown, watch } from './wire-kit.ts'

// The errors: every kind of hyper's with our code, predicate and status; and every code that this package can produce,
// produced, with whose doing it was, in which phase, and whether the request may be sent again.

const get = (): HttpRequest => new HttpRequest('GET', '/')
const silent: Service = () => new Promise(() => {})
const reader: Service = async (request) => new HttpResponse(await request.text())
const POST = 'POST / HTTP/1.1\r\nhost: a\r\n'

/** How a server connection ends that is given `wire`, and the status it answers with (0: nothing is written). */
async function refused(
  wire: string,
  options: H1ServerOptions = {},
  service: Service = reader,
): Promise<{ error: HyperError; status: number }> {
  const { io, runtime, connection, ask } = served(service, options)
  const text = await ask(wire)
  io.feedEnd()
  await runtime.settle()
  const { error } = await connection.closed
  return { error: error!, status: text === '' ? 0 : Number(text.slice(9, 12)) }
}

/** As `refused`, after some time. */
async function late(wire: string, ms: number): Promise<{ error: HyperError; status: number }> {
  const { io, runtime, connection, ask } = served(reader)
  await ask(wire)
  runtime.advance(ms)
  const text = await ask()
  io.feedEnd()
  await runtime.settle()
  const { error } = await connection.closed
  return { error: error!, status: text === '' ? 0 : Number(text.slice(9, 12)) }
}

/** What a request fails with whose response is `wire`. */
async function answered(wire: string, end = false): Promise<HyperError> {
  const { io, runtime, sender } = dialed()
  const outcome = watch(sender.send(get()).then((response) => response.text()))
  await runtime.settle()
  io.feed(wire)
  if (end) io.feedEnd()
  await runtime.settle()
  return outcome.error!
}

/** What the runtime is told when a service does this. */
async function told(service: Service, wire = GET): Promise<HyperError> {
  const { runtime, ask } = served(service)
  await ask(wire)
  return runtime.errors[0] as HyperError
}

type Predicate =
  | 'isParse'
  | 'isParseTooLarge'
  | 'isParseStatus'
  | 'isParseVersionH2'
  | 'isUser'
  | 'isTimeout'
  | 'isIncompleteMessage'
  | 'isCanceled'
  | 'isClosed'
  | 'isBodyWriteAborted'
  | 'isShutdown'

const PREDICATES: readonly Predicate[] = [
  'isParse',
  'isParseTooLarge',
  'isParseStatus',
  'isParseVersionH2',
  'isUser',
  'isTimeout',
  'isIncompleteMessage',
  'isCanceled',
  'isClosed',
  'isBodyWriteAborted',
  'isShutdown',
]

const predicatesOf = (error: HyperError): Predicate[] => PREDICATES.filter((name) => error[name]())

describe('the kinds of hyper', () => {
  type Row = readonly [
    kind: string,
    wire: string,
    code: ErrorCode,
    predicates: readonly Predicate[],
    status: number,
  ]
  const PARSE = ['isParse'] as const
  const LARGE = ['isParse', 'isParseTooLarge'] as const

  // What a server is sent.
  const SERVER: readonly Row[] = [
    ['Parse(Method)', 'G@T / HTTP/1.1\r\nhost: a\r\n\r\n', 'PARSE_METHOD', PARSE, 400],
    ['Parse(Version)', 'GET / HTTP/x.1\r\nhost: a\r\n\r\n', 'PARSE_VERSION', PARSE, 400],
    ['Parse(Version), a known form', 'GET / HTTP/3.0\r\nhost: a\r\n\r\n', 'VERSION_UNSUPPORTED', PARSE, 505],
    [
      'Parse(VersionH2)',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'PARSE_VERSION_H2',
      ['isParse', 'isParseVersionH2'],
      0,
    ],
    ['Parse(Uri)', 'GET * HTTP/1.1\r\nhost: a\r\n\r\n', 'PARSE_TARGET', PARSE, 400],
    ['Parse(UriTooLong)', `GET /${'a'.repeat(65_535)}`, 'TARGET_TOO_LONG', LARGE, 414],
    ['Parse(Header(Token)): name', 'GET / HTTP/1.1\r\nh st: a\r\n\r\n', 'PARSE_HEADER', PARSE, 400],
    ['Parse(Header(Token)): value', 'GET / HTTP/1.1\r\nhost: a\0\r\n\r\n', 'PARSE_HEADER', PARSE, 400],
    ['Parse(Header(Token)): newline', 'GET / HTTP/1.1\r\nhost: a\rb\r\n\r\n', 'PARSE_HEADER', PARSE, 400],
    [
      'Parse(Header(ContentLengthInvalid))',
      `${POST}content-length: x\r\n\r\n`,
      'CONTENT_LENGTH_INVALID',
      PARSE,
      400,
    ],
    [
      'Parse(Header(ContentLengthInvalid)): differing',
      `${POST}content-length: 1\r\ncontent-length: 2\r\n\r\n`,
      'CONTENT_LENGTH_INVALID',
      PARSE,
      400,
    ],
    [
      'Parse(Header(TransferEncodingInvalid))',
      `${POST}transfer-encoding: gzip\r\n\r\n`,
      'TRANSFER_ENCODING_INVALID',
      PARSE,
      400,
    ],
    [
      'Parse(Header(TransferEncodingUnexpected))',
      'POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n',
      'TRANSFER_ENCODING_UNEXPECTED',
      PARSE,
      400,
    ],
    [
      'Parse(TooLarge): bytes',
      `GET / HTTP/1.1\r\nhost: a\r\na: ${'b'.repeat(65_536)}`,
      'HEAD_TOO_LARGE',
      LARGE,
      431,
    ],
    [
      'Parse(TooLarge): fields',
      `GET / HTTP/1.1\r\nhost: a\r\n${'a: b\r\n'.repeat(100)}\r\n`,
      'HEAD_TOO_LARGE',
      LARGE,
      431,
    ],
    ['IncompleteMessage', 'GET / HTTP/1.1\r\nhost: a\r\n', 'INCOMPLETE_MESSAGE', ['isIncompleteMessage'], 0],
  ]
  for (const [kind, wire, code, predicates, status] of SERVER) {
    test(`${kind} is ${code}${status === 0 ? '' : `, answered with ${status}`}`, async () => {
      const end = await refused(wire)
      expect(end.error).toMatchObject({ code, by: 'peer', retryable: false, statusHint: status })
      expect(predicatesOf(end.error)).toEqual(predicates)
      expect(end.status).toBe(status)
    })
  }

  test('Parse(Status) is PARSE_STATUS', async () => {
    const error = await answered('HTTP/1.1 1\r\n\r\n')
    expect(error).toMatchObject({ code: 'PARSE_STATUS', by: 'peer', phase: 'headers' })
    expect(predicatesOf(error)).toEqual(['isParse', 'isParseStatus'])
  })

  const USER: readonly (readonly [string, () => Promise<HyperError>, ErrorCode, readonly Predicate[]])[] = [
    ['User(Body)', () => told(() => new HttpResponse(failing())), 'BODY_FAILED', ['isUser']],
    [
      'User(BodyWriteAborted): too short',
      () => told(() => new HttpResponse(stream('a'), { headers: { 'content-length': '2' } })),
      'BODY_WRITE_ABORTED',
      ['isUser', 'isBodyWriteAborted'],
    ],
    [
      'User(BodyWriteAborted): dropped',
      () => told(aborted),
      'BODY_WRITE_ABORTED',
      ['isUser', 'isBodyWriteAborted'],
    ],
    ['User(Service)', () => told(() => ({}) as HttpResponse), 'SERVICE_FAILED', ['isUser']],
    [
      'User(UnexpectedHeader)',
      () => told(() => new HttpResponse('abc', { headers: { 'content-length': '2' } })),
      'UNEXPECTED_HEADER',
      ['isUser'],
    ],
    [
      'User(UnsupportedStatusCode)',
      () => told(() => new HttpResponse(null, { status: 102 })),
      'INVALID_STATUS',
      ['isUser'],
    ],
    ['User(NoUpgrade)', () => errorOf(upgraded(new HttpResponse())), 'NO_UPGRADE', ['isUser']],
    ['User(ManualUpgrade)', manual, 'MANUAL_UPGRADE', ['isUser']],
  ]
  test('a service that gave no response: the message says what it gave', async () => {
    const rows: readonly (readonly [unknown, string])[] = [
      [undefined, 'undefined'],
      ['text', 'a string'],
      [{ status: 200 }, 'an object'],
      [new Response(), 'Response'],
    ]
    for (const [given, name] of rows) {
      const { message } = await told(() => given as HttpResponse)
      expect(message).toBe(`the service gave ${name}, not an HttpResponse of this package`)
    }
  })

  for (const [kind, produce, code, predicates] of USER) {
    test(`${kind} is ${code}`, async () => {
      const error = await produce()
      expect(error).toMatchObject({ code, by: 'user', retryable: false })
      expect(predicatesOf(error)).toEqual(predicates)
    })
  }

  const OTHER: readonly (readonly [
    string,
    () => Promise<HyperError>,
    ErrorCode,
    ErrorBy,
    readonly Predicate[],
  ])[] = [
    ['UnexpectedMessage', unasked, 'UNEXPECTED_MESSAGE', 'peer', []],
    ['Canceled', givenUp, 'CANCELED', 'user', ['isUser', 'isCanceled']],
    ['ChannelClosed', closed, 'CLOSED', 'peer', ['isClosed']],
    ['User(DispatchGone)', closed, 'CLOSED', 'peer', ['isClosed']],
    ['Io', broken, 'IO', 'io', []],
    [
      'HeaderTimeout',
      () => late('GET / HTTP/1.1\r\n', 30_000).then(({ error }) => error),
      'HEADERS_TIMEOUT',
      'peer',
      ['isTimeout'],
    ],
    [
      'Body',
      () => answered('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na', true),
      'INCOMPLETE_MESSAGE',
      'peer',
      ['isIncompleteMessage'],
    ],
    ['BodyWrite', writeFailed, 'IO', 'io', []],
  ]
  for (const [kind, produce, code, by, predicates] of OTHER) {
    test(`${kind} is ${code}`, async () => {
      const error = await produce()
      expect(error).toMatchObject({ code, by })
      expect(predicatesOf(error)).toEqual(predicates)
    })
  }
})

async function* failing(): AsyncGenerator<string> {
  yield 'a'
  throw new Error('the disk is gone')
}

function aborted(): HttpResponse {
  const { sender, body } = channel()
  sender.trySend('a')
  sender.abort()
  return new HttpResponse(body)
}

async function manual(): Promise<HyperError> {
  const { connection, ask } = served(() => new HttpResponse())
  await ask('CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n')
  return (await connection.closed).error!
}

async function unasked(): Promise<HyperError> {
  const { connection, reply } = dialed()
  await reply('x')
  return (await connection.closed).error!
}

async function givenUp(): Promise<HyperError> {
  const { connection, sender } = dialed()
  const outcome = errorOf(sender.send(get()))
  connection.abort()
  return outcome
}

async function closed(): Promise<HyperError> {
  const { io, sent, sender } = dialed()
  await sent()
  io.feedEnd()
  await sent()
  return errorOf(sender.send(get()))
}

async function broken(): Promise<HyperError> {
  const { io, sent, sender } = dialed()
  const outcome = errorOf(sender.send(get()))
  await sent()
  io.feedClose(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  return outcome
}

async function writeFailed(): Promise<HyperError> {
  const { io, sent, sender } = dialed()
  const outcome = errorOf(sender.send(new HttpRequest('POST', '/', { body: stream('a') })))
  await sent()
  io.failWrites()
  io.feedClose()
  return outcome
}

async function busy(): Promise<HyperError> {
  const { sender } = dialed()
  watch(sender.send(get()))
  return errorOf(sender.send(get()))
}

async function stalled(): Promise<HyperError> {
  const { io, runtime, connection, ask } = served(() => new HttpResponse('abc'))
  io.hold()
  await ask(GET)
  runtime.advance(30_000)
  await ask()
  return (await connection.closed).error!
}

async function unanswered(): Promise<HyperError> {
  const { runtime, connection, ask, io } = served(() => new Promise<HttpResponse>(() => {}), {
    requestTimeout: 100,
  })
  await ask(GET)
  runtime.advance(100)
  await ask()
  io.feedEnd()
  await runtime.settle()
  return (await connection.closed).error!
}

/** The error of a call, as a promise. */
const now = (call: () => unknown): Promise<HyperError> => Promise.resolve(thrown(call))
const served400 = (wire: string, options?: H1ServerOptions) => (): Promise<HyperError> =>
  refused(wire, options).then(({ error }) => error)

interface Produced {
  readonly make: () => Promise<HyperError>
  readonly by: ErrorBy
  readonly phase: ErrorPhase | null
  readonly status?: number
  readonly retryable?: true
}

const mistake = (make: () => Promise<HyperError>): Produced => ({ make, by: 'user', phase: null })
const wrongHead = (wire: string, status: number, options?: H1ServerOptions): Produced => ({
  make: served400(wire, options),
  by: 'peer',
  phase: 'headers',
  status,
})
const wrongBody = (wire: string, status: number): Produced => ({
  make: served400(wire),
  by: 'peer',
  phase: 'body',
  status,
})
const fromServer = (wire: string, end: boolean = false): Produced => ({
  make: () => answered(wire, end),
  by: 'peer',
  phase: 'headers',
  status: 502,
})
const CHUNKED = `${POST}transfer-encoding: chunked\r\n\r\n`

const TABLE: Readonly<Partial<Record<ErrorCode, Produced>>> = {
  PARSE_METHOD: wrongHead('G@T', 400),
  PARSE_TARGET: wrongHead('GET \t', 400),
  PARSE_VERSION: wrongHead('GET / http', 400),
  PARSE_VERSION_H2: wrongHead('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 0),
  VERSION_UNSUPPORTED: wrongHead('GET / HTTP/2.0\r\n\r\n', 505),
  PARSE_STATUS: fromServer('HTTP/1.1 abc\r\n\r\n'),
  PARSE_HEADER: wrongHead('GET / HTTP/1.1\r\n:\r\n\r\n', 400),
  PARSE_CHUNK: wrongBody(`${CHUNKED}x`, 400),
  CONTENT_LENGTH_INVALID: wrongHead(`${POST}content-length: +1\r\n\r\n`, 400),
  TRANSFER_ENCODING_INVALID: wrongHead(`${POST}transfer-encoding: x\r\n\r\n`, 400),
  TRANSFER_ENCODING_UNSUPPORTED: wrongHead(`${POST}transfer-encoding: gzip, chunked\r\n\r\n`, 501),
  TRANSFER_ENCODING_UNEXPECTED: wrongHead(
    `${POST}transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n`,
    400,
  ),
  HOST_INVALID: wrongHead('GET / HTTP/1.1\r\n\r\n', 400),
  METHOD_TOO_LONG: wrongHead('G'.repeat(65), 501),
  TARGET_TOO_LONG: wrongHead(`GET /${'a'.repeat(32_768)}`, 414),
  HEAD_TOO_LARGE: wrongHead(GET, 431, { maxHeaders: 0 }),
  TRAILERS_TOO_LARGE: wrongBody(`${CHUNKED}0\r\na: ${'b'.repeat(16_384)}`, 431),
  CHUNK_EXTENSIONS_TOO_LARGE: wrongBody(`${CHUNKED}1;a=${'b'.repeat(16_384)}`, 400),
  BODY_TOO_LARGE: {
    make: () => errorOf(limitBody(Body.from('abc'), 2).text()),
    by: 'peer',
    phase: 'body',
    status: 413,
  },
  TOO_MANY_INFORMATIONAL: fromServer('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(33)),
  HEADERS_TIMEOUT: {
    make: () => late('G', 30_000).then(({ error }) => error),
    by: 'peer',
    phase: 'headers',
    status: 408,
  },
  IDLE_TIMEOUT: { make: () => late('', 10_000).then(({ error }) => error), by: 'peer', phase: null },
  BODY_TIMEOUT: {
    make: () => late(`${POST}content-length: 9\r\n\r\n`, 30_000).then(({ error }) => error),
    by: 'peer',
    phase: 'body',
    status: 408,
  },
  TOTAL_TIMEOUT: { make: unanswered, by: 'user', phase: null, status: 503 },
  SEND_TIMEOUT: { make: stalled, by: 'peer', phase: 'write' },
  INCOMPLETE_MESSAGE: fromServer('HTTP/1.1 200 OK\r\n', true),
  UNEXPECTED_MESSAGE: { make: unasked, by: 'peer', phase: 'headers', status: 502 },
  CANCELED: { make: givenUp, by: 'user', phase: 'headers' },
  CLOSED: { make: closed, by: 'peer', phase: null, retryable: true, status: 502 },
  IO: { make: broken, by: 'io', phase: 'headers', status: 502 },
  INVALID_METHOD: mistake(() => now(() => new HttpRequest('G T', '/'))),
  INVALID_TARGET: mistake(() => now(() => new HttpRequest('GET', '/ '))),
  INVALID_STATUS: mistake(() => now(() => new HttpResponse(null, { status: 99 }))),
  INVALID_REASON: mistake(() => now(() => new HttpResponse(null, { reason: '\n' }))),
  INVALID_HEADER_NAME: mistake(() => now(() => new HeaderMap({ 'a b': 'c' }))),
  INVALID_HEADER_VALUE: mistake(() => now(() => new HeaderMap({ a: '\u0100' }))),
  INVALID_OPTION: mistake(() => now(() => new ClientMachine({ maxHeaders: -1 }))),
  INVALID_BODY: mistake(() => now(() => Body.from(1 as unknown as string))),
  TOO_MANY_HEADERS: mistake(() =>
    now(() => new HeaderMap(Array.from({ length: 32_769 }, (): [string, string] => ['a', 'b']))),
  ),
  UNEXPECTED_HEADER: mistake(() =>
    told(() => new HttpResponse('abc', { headers: { 'content-length': 'x' } })),
  ),
  BODY_USED: mistake(usedBody),
  BODY_FAILED: mistake(() => told(() => new HttpResponse(failing()))),
  BODY_WRITE_ABORTED: mistake(() => told(aborted)),
  SERVICE_FAILED: mistake(() => told(() => ({}) as HttpResponse)),
  NO_UPGRADE: mistake(() => errorOf(upgraded(new HttpResponse()))),
  MANUAL_UPGRADE: mistake(manual),
  NOT_READY: { make: busy, by: 'user', phase: null, retryable: true },
  INVALID_STATE: mistake(() => now(sendTwice)),
}

async function usedBody(): Promise<HyperError> {
  const body = Body.from('abc')
  await body.text()
  return errorOf(body.text())
}

function sendTwice(): void {
  const machine = new ClientMachine()
  machine.sendHead('GET', '/', '1.1', new HeaderMap(), 0)
  machine.sendHead('GET', '/', '1.1', new HeaderMap(), 0)
}

describe('every code', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const row = TABLE[code]
    if (row === undefined) continue
    test(`${code} by ${row.by}${row.phase === null ? '' : ` in ${row.phase}`}`, async () => {
      const error = await row.make()
      expect(error).toBeInstanceOf(HyperError)
      expect(error).toBeInstanceOf(Error)
      expect(error.name).toBe('HyperError')
      const { by, phase, retryable, statusHint } = error
      expect({ code: error.code, by, phase, retryable, statusHint }).toEqual({
        code,
        by: row.by,
        phase: row.phase,
        retryable: row.retryable ?? false,
        statusHint: row.status ?? 0,
      })
      expect(error.message).not.toBe('')
    })
  }
})

/** Made by connectors and clients, or with HTTP/2. */
const ELSEWHERE: readonly string[] = [
  'CONNECT_TIMEOUT',
  'SHUTDOWN',
  'CONNECT',
  'DNS',
  'TLS',
  'PROXY',
  'POOL_TIMEOUT',
  'POOL_FULL',
  'CONTENT_CODING_INVALID',
  'TOO_MANY_REDIRECTS',
  'REDIRECT_REFUSED',
  'H2_CONNECTION',
  'GOAWAY',
  'STREAM_RESET',
  'SETTINGS_TIMEOUT',
  'PING_TIMEOUT',
]

test('no code is forgotten', () => {
  const forgotten = Object.keys(ERROR_CODES).filter((code) => !(code in TABLE) && !ELSEWHERE.includes(code))
  expect(forgotten).toEqual([])
})

describe('what goes with an error', () => {
  test('a body error that the service swallows still ends the connection, with its own status', async () => {
    const swallowing: Service = async (request) => {
      await request.text().catch(() => '')
      return new HttpResponse('fine')
    }
    expect(await refused(`${CHUNKED}x`, {}, swallowing)).toMatchObject({
      status: 400,
      error: { code: 'PARSE_CHUNK' },
    })
    const passing = (request: HttpRequest): Promise<HttpResponse> =>
      request.text().then((text) => new HttpResponse(text))
    expect(await refused(`${CHUNKED}x`, {}, passing)).toMatchObject({
      status: 400,
      error: { code: 'PARSE_CHUNK' },
    })
    expect(await refused(`${CHUNKED}x`, {}, silent)).toMatchObject({
      status: 400,
      error: { code: 'PARSE_CHUNK' },
    })
  })

  test('a limit that the service has set on the body is answered with its status', async () => {
    const limited: Service = async (request) => new HttpResponse(await limitBody(request.body, 2).text())
    const { ask } = served(limited)
    expect(await ask(`${POST}content-length: 3\r\n\r\nabc`)).toMatch(/^HTTP\/1\.1 413 Content Too Large\r\n/)
  })

  test('what the transport said is the cause', async () => {
    expect(await broken()).toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(await writeFailed()).toMatchObject({ phase: 'write', cause: { code: 'EPIPE' } })
  })

  test('a service that throws: 500, and the runtime is told', async () => {
    const mine = new Error('mine')
    for (const service of [
      () => {
        throw mine
      },
      () => Promise.reject(mine),
    ] as Service[]) {
      const { runtime, ask } = served(service)
      expect(await ask(GET)).toBe('HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n')
      expect(runtime.errors).toEqual([mine])
      expect(await ask(GET)).toBe('HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n')
    }
  })

  test('trailers that cannot be made fail the body', async () => {
    const trailers = (): HeaderMap => {
      throw new Error('no sum')
    }
    const { io, ask } = served(() => new HttpResponse('abc', { trailers }))
    await ask('GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\n\r\n')
    expect(io.aborted).toBe(true)
  })
})
