// gRPC with @grpc/grpc-js, both ways: its client against our server, our client against its server.
import * as grpc from '@grpc/grpc-js'
import { h2 } from '@hyper/core'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startH2Reference, type H2Reference } from '../test/peers/h2-reference.ts'
import {
  all,
  call,
  GrpcError,
  grpcService,
  RESOURCE_EXHAUSTED,
  UNIMPLEMENTED,
  type GrpcMethod,
} from './h2-grpc-kit.ts'

const MIB = 1_048_576
const pass = (bytes: Buffer): Buffer => bytes
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

describe.each([
  ['cleartext', false],
  ['TLS', true],
])('grpc-js client, our server, %s', (_name, tls) => {
  let server: H2Reference
  let client: grpc.Client
  const cancelled: string[] = []

  const methods = new Map<string, GrpcMethod>([
    [
      '/echo.Echo/Unary',
      async function* unary({ messages, headers, initial, trailers }) {
        initial.set('x-initial', headers.get('x-sent') ?? '')
        trailers.set('x-trailing', 'yes')
        for await (const message of messages) yield message
      },
    ],
    [
      '/echo.Echo/Collect',
      async function* collect({ messages }) {
        yield Buffer.from((await all(messages)).join(','))
      },
    ],
    [
      '/echo.Echo/Split',
      async function* split({ messages }) {
        for await (const message of messages) for (const byte of message) yield Buffer.of(byte)
      },
    ],
    [
      '/echo.Echo/Fail',
      async function* fail({ messages, trailers }) {
        trailers.set('x-why', 'asked')
        for await (const message of messages) {
          if (message.length > 0) throw new GrpcError(RESOURCE_EXHAUSTED, `no ${text(message)} ☺`)
          yield message
        }
      },
    ],
    [
      '/echo.Echo/FailLate',
      async function* failLate({ messages }) {
        for await (const message of messages) yield message
        throw new GrpcError(RESOURCE_EXHAUSTED, 'late')
      },
    ],
    [
      '/echo.Echo/Sleep',
      async function* slow({ exchange }) {
        exchange.onCancel(() => cancelled.push('Sleep'))
        await sleep(3_000, undefined, { ref: false })
        yield Buffer.of(1)
      },
    ],
    [
      '/echo.Echo/Endless',
      async function* endless({ exchange }) {
        exchange.onCancel(() => cancelled.push('Endless'))
        while (!exchange.cancelled) {
          yield Buffer.alloc(1_000)
          await sleep(1)
        }
      },
    ],
  ])

  beforeAll(async () => {
    server = await startH2Reference({ tls, service: grpcService(methods) })
    const credentials = tls
      ? grpc.credentials.createFromSecureContext((await import('node:tls')).createSecureContext(), {
          rejectUnauthorized: false,
        })
      : grpc.credentials.createInsecure()
    client = new grpc.Client(`127.0.0.1:${server.port}`, credentials, {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
    })
  })
  afterAll(async () => {
    client.close()
    await server.close()
  })

  interface Unary {
    readonly value: Buffer | undefined
    readonly error: grpc.ServiceError | null
    readonly initial: grpc.Metadata | null
    readonly status: grpc.StatusObject
  }

  function unary(
    method: string,
    message: Buffer,
    options: grpc.CallOptions = {},
    metadata = new grpc.Metadata(),
  ): Promise<Unary> {
    return new Promise((resolve) => {
      let initial: grpc.Metadata | null = null
      let got: { error: grpc.ServiceError | null; value: Buffer | undefined } = {
        error: null,
        value: undefined,
      }
      const made = client.makeUnaryRequest(
        `/echo.Echo/${method}`,
        pass,
        pass,
        message,
        metadata,
        options,
        (error, value) => {
          got = { error, value }
        },
      )
      made.on('metadata', (given: grpc.Metadata) => (initial = given))
      made.on('status', (status: grpc.StatusObject) =>
        setImmediate(() => resolve({ ...got, initial, status })),
      )
    })
  }

  function collected(
    stream: grpc.ClientReadableStream<Buffer>,
  ): Promise<{ messages: string[]; status: grpc.StatusObject }> {
    return new Promise((resolve) => {
      const messages: string[] = []
      stream.on('data', (message: Buffer) => messages.push(text(message)))
      stream.on('error', () => undefined)
      stream.on('status', (status: grpc.StatusObject) => setImmediate(() => resolve({ messages, status })))
    })
  }

  test('unary, with metadata both ways', async () => {
    const metadata = new grpc.Metadata()
    metadata.set('x-sent', 'value')
    const { value, initial, status } = await unary('Unary', Buffer.from('hello'), {}, metadata)
    expect(text(value!)).toBe('hello')
    expect(initial?.get('x-initial')).toEqual(['value'])
    expect(status).toMatchObject({ code: 0 })
    expect(status.metadata.get('x-trailing')).toEqual(['yes'])
  })

  test('an empty message', async () => {
    expect((await unary('Unary', Buffer.alloc(0))).value).toHaveLength(0)
  })

  test('a message of 8 MiB comes back', async () => {
    const message = Buffer.alloc(8 * MIB, 'abcdefg')
    const { value } = await unary('Unary', message)
    expect(value?.equals(message)).toBe(true)
  })

  test('ten messages of 1 MiB at once', async () => {
    const message = Buffer.alloc(MIB, 'x')
    const all = await Promise.all(Array.from({ length: 10 }, () => unary('Unary', message)))
    expect(all.every(({ value }) => value?.length === MIB)).toBe(true)
  })

  test('five hundred calls, more than there may be streams', async () => {
    const all = await Promise.all(
      Array.from({ length: 500 }, (_, index) => unary('Unary', Buffer.from(String(index)))),
    )
    expect(all.map(({ value }) => text(value!))).toEqual(all.map((_, index) => String(index)))
  })

  test('client streaming: a thousand small messages', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const stream = client.makeClientStreamRequest('/echo.Echo/Collect', pass, pass, (error, value) => {
        if (error !== null) reject(error)
        else resolve(text(value!))
      })
      for (let index = 0; index < 1_000; index++) stream.write(Buffer.from('ab'))
      stream.end()
    })
    expect(answer).toBe(Array.from({ length: 1_000 }, () => 'ab').join(','))
  })

  test('server streaming', async () => {
    const { messages, status } = await collected(
      client.makeServerStreamRequest('/echo.Echo/Split', pass, pass, Buffer.from('hello')),
    )
    expect(messages).toEqual(['h', 'e', 'l', 'l', 'o'])
    expect(status.code).toBe(0)
  })

  test('both ways: each message is answered before the next is sent', async () => {
    const stream = client.makeBidiStreamRequest('/echo.Echo/Unary', pass, pass)
    const seen: string[] = []
    const done = new Promise<grpc.StatusObject>((resolve) => stream.on('status', resolve))
    stream.on('data', (message: Buffer) => {
      seen.push(text(message))
      if (seen.length < 20) stream.write(Buffer.from(`m${seen.length}`))
      else stream.end()
    })
    stream.write(Buffer.from('m0'))
    expect((await done).code).toBe(0)
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => `m${index}`))
  })

  test('an error is trailers only, with its message and metadata', async () => {
    const { error, status } = await unary('Fail', Buffer.from('luck'))
    expect(error).toMatchObject({ code: RESOURCE_EXHAUSTED, details: 'no luck ☺' })
    expect(status.metadata.get('x-why')).toEqual(['asked'])
  })

  test('an error after messages', async () => {
    const { messages, status } = await collected(
      client.makeServerStreamRequest('/echo.Echo/FailLate', pass, pass, Buffer.from('one')),
    )
    expect(messages).toEqual(['one'])
    expect(status).toMatchObject({ code: RESOURCE_EXHAUSTED, details: 'late' })
  })

  test('an unknown method', async () => {
    expect((await unary('Nothing', Buffer.alloc(1))).error?.code).toBe(UNIMPLEMENTED)
  })

  test('a deadline', async () => {
    const { error } = await unary('Sleep', Buffer.alloc(1), { deadline: Date.now() + 1_000 })
    expect(error?.code).toBe(grpc.status.DEADLINE_EXCEEDED)
    await expect.poll(() => cancelled).toContain('Sleep')
  })

  test('cancellation stops the producer', async () => {
    const stream = client.makeServerStreamRequest('/echo.Echo/Endless', pass, pass, Buffer.alloc(1))
    stream.once('data', () => stream.cancel())
    const { status } = await collected(stream)
    expect(status.code).toBe(grpc.status.CANCELLED)
    await expect.poll(() => cancelled).toContain('Endless')
  })
})

describe('our client, grpc-js server', () => {
  let server: grpc.Server
  let connection: ReturnType<typeof h2.handshake>
  let cancels = 0

  const definition: grpc.ServiceDefinition = Object.fromEntries(
    (
      [
        ['Unary', false, false],
        ['Collect', true, false],
        ['Split', false, true],
        ['Both', true, true],
        ['Fail', false, false],
        ['Endless', false, true],
      ] as const
    ).map(([name, requestStream, responseStream]) => [
      name,
      {
        path: `/echo.Echo/${name}`,
        requestStream,
        responseStream,
        requestSerialize: pass,
        requestDeserialize: pass,
        responseSerialize: pass,
        responseDeserialize: pass,
      },
    ]),
  )

  beforeAll(async () => {
    server = new grpc.Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 })
    server.addService(definition, {
      Unary: (given: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
        const trailer = new grpc.Metadata()
        trailer.set('x-trailing', 'yes')
        done(null, given.request, trailer)
      },
      Collect: (given: grpc.ServerReadableStream<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
        const parts: Buffer[] = []
        given.on('data', (part: Buffer) => parts.push(part))
        given.on('end', () => done(null, Buffer.concat(parts)))
      },
      Split: (given: grpc.ServerWritableStream<Buffer, Buffer>) => {
        for (const byte of given.request) given.write(Buffer.of(byte))
        given.end()
      },
      Both: (given: grpc.ServerDuplexStream<Buffer, Buffer>) => {
        given.on('data', (message: Buffer) => given.write(message))
        given.on('end', () => given.end())
      },
      Fail: (_given: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
        done({ code: RESOURCE_EXHAUSTED, details: 'no luck ☺' })
      },
      Endless: (given: grpc.ServerWritableStream<Buffer, Buffer>) => {
        const timer = setInterval(() => given.write(Buffer.alloc(1_000)), 1)
        given.on('cancelled', () => {
          cancels++
          clearInterval(timer)
        })
      },
    })
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound)
        else reject(error)
      })
    })
    connection = h2.handshake(await connectTcp({ host: '127.0.0.1', port }), { runtime: nodeRuntime })
  })
  afterAll(() => {
    connection.connection.abort()
    server.forceShutdown()
  })

  async function unary(
    method: string,
    message: Uint8Array,
  ): Promise<{ messages: string[]; code: number; message: string }> {
    const made = await call(connection.sender, `/echo.Echo/${method}`, [message])
    const messages = await all(made.messages)
    return { messages, ...(await made.end()) }
  }

  test('unary, with trailers', async () => {
    const made = await call(connection.sender, '/echo.Echo/Unary', [Buffer.from('hello')])
    expect(made.status).toBe(200)
    expect(await all(made.messages)).toEqual(['hello'])
    const { code, trailers } = await made.end()
    expect(code).toBe(0)
    expect(trailers.get('x-trailing')).toBe('yes')
  })

  test('a message of 8 MiB comes back', async () => {
    const message = Buffer.alloc(8 * MIB, 'abcdefg')
    const { messages, code } = await unary('Unary', message)
    expect(code).toBe(0)
    expect(messages[0] === message.toString('latin1')).toBe(true)
  })

  test('client streaming', async () => {
    const made = await call(
      connection.sender,
      '/echo.Echo/Collect',
      Array.from({ length: 1_000 }, () => Buffer.from('ab')),
    )
    expect(await all(made.messages)).toEqual(['ab'.repeat(1_000)])
    expect((await made.end()).code).toBe(0)
  })

  test('server streaming', async () => {
    expect(await unary('Split', Buffer.from('hello'))).toMatchObject({
      messages: ['h', 'e', 'l', 'l', 'o'],
      code: 0,
    })
  })

  test('both ways: each message is answered before the next is sent', async () => {
    let wake: () => void = () => undefined
    let turn = new Promise<void>((resolve) => (wake = resolve))
    async function* questions(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 20; index++) {
        yield Buffer.from(`m${index}`)
        await turn
        turn = new Promise((resolve) => (wake = resolve))
      }
    }
    const made = await call(connection.sender, '/echo.Echo/Both', questions())
    const seen: string[] = []
    for await (const message of made.messages) {
      seen.push(text(message))
      wake()
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => `m${index}`))
    expect((await made.end()).code).toBe(0)
  })

  test('trailers only', async () => {
    expect(await unary('Fail', Buffer.of(1))).toMatchObject({
      messages: [],
      code: RESOURCE_EXHAUSTED,
      message: 'no luck ☺',
    })
    expect(await unary('Nothing', Buffer.of(1))).toMatchObject({ code: UNIMPLEMENTED })
  })

  test('leaving a stream cancels it at the server', async () => {
    const made = await call(connection.sender, '/echo.Echo/Endless', [Buffer.of(1)])
    for await (const _message of made.messages) break
    await expect.poll(() => cancels).toBe(1)
    expect((await unary('Unary', Buffer.from('still'))).messages).toEqual(['still'])
  })

  test('two hundred calls at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        await connection.sender.ready()
        return unary('Unary', Buffer.from(String(index)))
      }),
    )
    expect(results.map(({ messages }) => messages[0])).toEqual(results.map((_, index) => String(index)))
  })
})
