import { once } from 'node:events'
import { type CallOptions, Code, ConnectError, createClient, type Transport } from '@connectrpc/connect'
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node'
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { serve, type Server } from '@hyper/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ECHO, echoHandler, fromBytes, type Say, say, type Seen, toBytes } from './echo.ts'

// A service of Connect on a fetch handler, with trailers: gRPC by grpc-js and by Connect's own client, gRPC-Web and Connect.

let server: Server
const seen: Seen = { waiting: 0, cancelled: 0 }
const errors: unknown[] = []

beforeAll(async () => {
  server = await serve({
    hostname: '127.0.0.1',
    fetch: echoHandler(seen),
    onError: (error) => errors.push(error),
  })
})
afterAll(async () => {
  await server.close({ deadline: 1_000 })
  expect(errors).toEqual([])
})

const eventually = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}

describe('grpc-js', () => {
  let client: Client
  beforeAll(() => {
    client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure())
  })
  afterAll(() => client.close())

  const both = (method: string, options = {}): ClientDuplexStream<Say, Say> =>
    client.makeBidiStreamRequest(`/test.Echo/${method}`, toBytes, fromBytes, new Metadata(), options)

  interface Answer {
    readonly value?: Say
    readonly error?: ServiceError
    readonly headers: Metadata
    readonly trailers: Metadata
  }

  function unary(method: string, request: Say, metadata = new Metadata(), options = {}): Promise<Answer> {
    return new Promise((resolve) => {
      let [headers, trailers] = [new Metadata(), new Metadata()]
      let result: Pick<Answer, 'value' | 'error'> = {}
      const call = client.makeUnaryRequest(
        `/test.Echo/${method}`,
        toBytes,
        fromBytes,
        request,
        metadata,
        options,
        (error, value) => {
          result = error === null ? { value: value as Say } : { error }
        },
      )
      call.on('metadata', (given: Metadata) => (headers = given))
      call.on('status', (given: { metadata: Metadata }) => {
        trailers = given.metadata
        // The callback comes in the same turn.
        setImmediate(() => resolve({ ...result, headers, trailers }))
      })
    })
  }

  test('unary: message, headers, trailers', async () => {
    const metadata = new Metadata()
    metadata.set('x-ask', 'me')
    const { headers, trailers, value } = await unary('Unary', say('hello', 1), metadata)
    expect([value?.text, value?.count]).toEqual(['hello back', 2])
    expect([headers.get('x-asked'), trailers.get('x-after')]).toEqual([['me'], ['the end']])
  })

  test('an error: code, message in UTF-8, metadata', async () => {
    const { error } = await unary('Unary', say('fail'))
    expect(error).toMatchObject({ code: status.FAILED_PRECONDITION, details: 'not ☺ possible' })
    expect(error?.metadata.get('x-detail')).toEqual(['why'])
  })

  test('what is not there: UNIMPLEMENTED', async () => {
    expect((await unary('Nothing', say('x'))).error).toMatchObject({ code: status.UNIMPLEMENTED })
  })

  test('from the server', async () => {
    const call = client.makeServerStreamRequest('/test.Echo/Down', toBytes, fromBytes, say('x', 1_000))
    const counts: number[] = []
    const ended = once(call, 'status')
    for await (const message of call as AsyncIterable<Say>) counts.push(message.count)
    const [{ metadata }] = (await ended) as [{ metadata: Metadata }]
    expect(counts).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
    expect(metadata.get('x-after')).toEqual(['1000'])
  })

  test('from the client', async () => {
    const answer = await new Promise<Say | undefined>((resolve, reject) => {
      const call = client.makeClientStreamRequest('/test.Echo/Up', toBytes, fromBytes, (error, value) =>
        error === null ? resolve(value) : reject(error),
      )
      for (let i = 0; i < 100; i++) call.write(say(String(i % 10)))
      call.end()
    })
    expect([answer?.text, answer?.count]).toEqual(['0123456789'.repeat(10), 100])
  })

  test('both ways, in turns', async () => {
    const call = both('Both')
    for (let i = 0; i < 20; i++) {
      call.write(say('ping', i))
      const [message] = (await once(call, 'data')) as [Say]
      expect([message.text, message.count]).toEqual(['ping!', i])
    }
    call.end()
    call.resume()
    const [{ code }] = (await once(call, 'status')) as [{ code: number }]
    expect(code).toBe(status.OK)
  })

  test('a deadline, and a call that is cancelled: the handler hears of both', async () => {
    const before = seen.cancelled
    const late = await unary('Wait', say('x'), new Metadata(), { deadline: Date.now() + 1_000 })
    expect(late.error).toMatchObject({ code: status.DEADLINE_EXCEEDED })
    await eventually(() => seen.cancelled === before + 1)
    const answer = new Promise<ServiceError | null>((resolve) => {
      const call = client.makeUnaryRequest('/test.Echo/Wait', toBytes, fromBytes, say('x'), (error) =>
        resolve(error),
      )
      void eventually(() => seen.waiting > 0).then(() => call.cancel())
    })
    expect(await answer).toMatchObject({ code: status.CANCELLED })
    await eventually(() => seen.cancelled === before + 2)
  })
})

interface EchoClient {
  unary(request: Partial<Say>, options?: CallOptions): Promise<Say>
  wait(request: Partial<Say>, options?: CallOptions): Promise<Say>
  down(request: Partial<Say>, options?: CallOptions): AsyncIterable<Say>
  up(requests: AsyncIterable<Partial<Say>>): Promise<Say>
  both(requests: AsyncIterable<Partial<Say>>): AsyncIterable<Say>
}

const sessions: Http2SessionManager[] = []
afterAll(() => {
  for (const session of sessions) session.abort()
})

function sessionOf(): Http2SessionManager {
  const session = new Http2SessionManager(server.url)
  sessions.push(session)
  return session
}

const TRANSPORTS: readonly (readonly [string, boolean, () => Transport])[] = [
  ['Connect over HTTP/1.1', false, () => createConnectTransport({ httpVersion: '1.1', baseUrl: server.url })],
  [
    'Connect over HTTP/2',
    true,
    () => createConnectTransport({ httpVersion: '2', baseUrl: server.url, sessionManager: sessionOf() }),
  ],
  ['gRPC over HTTP/2', true, () => createGrpcTransport({ baseUrl: server.url, sessionManager: sessionOf() })],
  [
    'gRPC-Web over HTTP/1.1',
    false,
    () => createGrpcWebTransport({ httpVersion: '1.1', baseUrl: server.url }),
  ],
  [
    'gRPC-Web over HTTP/2',
    true,
    () => createGrpcWebTransport({ httpVersion: '2', baseUrl: server.url, sessionManager: sessionOf() }),
  ],
]

describe.each(TRANSPORTS)('%s', (_, isFullDuplex, transportOf) => {
  let client: EchoClient
  beforeAll(() => {
    client = createClient(ECHO, transportOf()) as unknown as EchoClient
  })

  test('unary: message, headers, trailers', async () => {
    const got: unknown[] = []
    const answer = await client.unary(
      { text: 'hello', count: 1 },
      {
        headers: { 'x-ask': 'me' },
        onHeader: (headers) => got.push(headers.get('x-asked')),
        onTrailer: (trailers) => got.push(trailers.get('x-after')),
      },
    )
    expect([answer.text, answer.count, ...got]).toEqual(['hello back', 2, 'me', 'the end'])
  })

  test('an error', async () => {
    const error = ConnectError.from(await client.unary({ text: 'fail' }).catch((thrown: unknown) => thrown))
    expect([error.code, error.rawMessage, error.metadata.get('x-detail')]).toEqual([
      Code.FailedPrecondition,
      'not ☺ possible',
      'why',
    ])
  })

  test('from the server, with trailers', async () => {
    const counts: number[] = []
    let after: string | null = null
    const options: CallOptions = { onTrailer: (trailers) => (after = trailers.get('x-after')) }
    for await (const { count } of client.down({ text: 'x', count: 500 }, options)) counts.push(count)
    expect([counts.length, counts.at(-1), after]).toEqual([500, 499, '500'])
  })

  test('from the client', async () => {
    const answer = await client.up(
      (async function* many() {
        for (let i = 0; i < 50; i++) yield { text: String(i % 10) }
      })(),
    )
    expect([answer.text, answer.count]).toEqual(['0123456789'.repeat(5), 50])
  })

  // fetch and node:http cannot: what is sent is sent before what is read.
  if (isFullDuplex) {
    test('both ways, in turns', async () => {
      let answered: () => void = () => undefined
      const answers: string[] = []
      async function* questions(): AsyncGenerator<Partial<Say>> {
        for (let i = 0; i < 10; i++) {
          const turn = new Promise<void>((resolve) => (answered = resolve))
          yield { text: `ping ${i}` }
          await turn
        }
      }
      for await (const { text } of client.both(questions())) {
        answers.push(text)
        answered()
      }
      expect(answers).toEqual(Array.from({ length: 10 }, (_, index) => `ping ${index}!`))
    })
  }

  test('a deadline, and a call that is given up: the handler hears of both', async () => {
    const before = seen.cancelled
    const late = ConnectError.from(
      await client.wait({}, { timeoutMs: 1_000 }).catch((thrown: unknown) => thrown),
    )
    expect(late.code).toBe(Code.DeadlineExceeded)
    await eventually(() => seen.cancelled === before + 1)
    const given = new AbortController()
    const asked = client.wait({}, { signal: given.signal }).catch((thrown: unknown) => thrown)
    await eventually(() => seen.waiting > 0)
    given.abort()
    expect(ConnectError.from(await asked).code).toBe(Code.Canceled)
    await eventually(() => seen.cancelled === before + 2)
  })
})
