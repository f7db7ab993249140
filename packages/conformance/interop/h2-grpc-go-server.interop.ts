// Our client against the Go gRPC interop server: the fourteen cases, made by hand on the bare connection.
// go install google.golang.org/grpc/interop/server@v1.33.3 gives a program named `server`; HYPER_PEER_GRPC_INTEROP_SERVER names it.
import { h2 } from '@hyper/core'
import { HttpRequest } from '@hyper/core/http'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, call, framed, type MadeCall } from './h2-grpc-kit.ts'
import { bytesField, payload, varint } from './h2-grpc-test-service.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts, type Program, startProgram } from './program.ts'

const SERVICE = '/grpc.testing.TestService'
/** The sizes of the public test description. */
const [REQUEST, RESPONSE] = [271_828, 314_159]
const SIZES_UP = [27_182, 8, 1_828, 45_904]
const SIZES_DOWN = [31_415, 9, 2_653, 58_979]

function number(id: number, value: number): Buffer {
  return Buffer.concat([varint(id << 3), varint(value)])
}

/** SimpleRequest. */
function simple(size: number, body: number): Buffer {
  return Buffer.concat([number(2, size), bytesField(3, payload(body))])
}

/** StreamingOutputCallRequest for answers of these sizes. */
function output(sizes: readonly number[], body = 0): Buffer {
  return Buffer.concat([...sizes.map((size) => bytesField(2, number(1, size))), bytesField(3, payload(body))])
}

/** The message that answers with a payload of `size`. */
function answer(size: number): string {
  return Buffer.from(bytesField(1, payload(size))).toString('latin1')
}

function asked(code: number, message: string): Uint8Array {
  return bytesField(7, Buffer.concat([number(1, code), bytesField(2, Buffer.from(message))]))
}

describeWithPeer('grpc-interop-server', (path) => {
  let server: Program
  let connection: ReturnType<typeof h2.handshake>
  beforeAll(async () => {
    const [port = 0] = await freePorts(1)
    server = await startProgram(path, [`--port=${port}`], [port])
    connection = h2.handshake(await connectTcp({ host: '127.0.0.1', port }), { runtime: nodeRuntime })
  })
  afterAll(async () => {
    connection.connection.abort()
    await server.stop()
  })

  const made = (
    method: string,
    messages: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    extra: Readonly<Record<string, string>> = {},
  ): Promise<MadeCall> => call(connection.sender, `${SERVICE}/${method}`, messages, extra)

  async function finished(given: MadeCall, expected: readonly string[]): Promise<void> {
    const messages = await all(given.messages)
    expect(messages.map((message) => message.length)).toEqual(expected.map((message) => message.length))
    expect(messages.every((message, index) => message === expected[index])).toBe(true)
    expect((await given.end()).code).toBe(0)
  }

  test('empty_unary', async () => finished(await made('EmptyCall', [new Uint8Array(0)]), ['']))

  test('large_unary', async () => {
    await finished(await made('UnaryCall', [simple(RESPONSE, REQUEST)]), [answer(RESPONSE)])
  })

  test('client_streaming', async () => {
    const messages = SIZES_UP.map((size) => bytesField(1, payload(size)))
    const sum = SIZES_UP.reduce((total, size) => total + size, 0)
    await finished(await made('StreamingInputCall', messages), [number(1, sum).toString('latin1')])
  })

  test('server_streaming', async () => {
    await finished(await made('StreamingOutputCall', [output(SIZES_DOWN)]), SIZES_DOWN.map(answer))
  })

  test('ping_pong', async () => {
    let wake: () => void = () => undefined
    async function* questions(): AsyncGenerator<Uint8Array> {
      for (const [index, size] of SIZES_DOWN.entries()) {
        const turn = new Promise<void>((resolve) => (wake = resolve))
        yield output([size], SIZES_UP[index])
        await turn
      }
    }
    const given = await made('FullDuplexCall', questions())
    const sizes: number[] = []
    for await (const message of given.messages) {
      sizes.push(message.length)
      wake()
    }
    expect(sizes).toEqual(SIZES_DOWN.map((size) => answer(size).length))
    expect((await given.end()).code).toBe(0)
  })

  test('empty_stream', async () => finished(await made('FullDuplexCall', []), []))

  test('status_code_and_message', async () => {
    for (const method of ['UnaryCall', 'FullDuplexCall']) {
      const given = await made(method, [asked(2, 'test status message')])
      expect(await all(given.messages)).toEqual([])
      expect(await given.end()).toMatchObject({ code: 2, message: 'test status message' })
    }
  })

  test('special_status_message', async () => {
    const message = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'
    const given = await made('UnaryCall', [asked(2, message)])
    await all(given.messages)
    expect(await given.end()).toMatchObject({ code: 2, message })
  })

  test('custom_metadata', async () => {
    const extra = { 'x-grpc-test-echo-initial': 'initial', 'x-grpc-test-echo-trailing-bin': 'q6ur' }
    const given = await made('UnaryCall', [simple(10, 10)], extra)
    await all(given.messages)
    expect(given.headers.get('x-grpc-test-echo-initial')).toBe('initial')
    expect((await given.end()).trailers.get('x-grpc-test-echo-trailing-bin')).toBe('q6ur')
  })

  test.each([
    ['unimplemented_method', `${SERVICE}/UnimplementedCall`],
    ['unimplemented_service', '/grpc.testing.UnimplementedService/UnimplementedCall'],
  ])('%s', async (_name, target) => {
    const given = await call(connection.sender, target, [new Uint8Array(0)])
    await all(given.messages)
    expect((await given.end()).code).toBe(12)
  })

  // The deadline is the client's: it gives the stream up.
  test('timeout_on_sleeping_server', async () => {
    const parameters = Buffer.concat([number(1, 1), number(2, 2_000_000)])
    const request = new HttpRequest('POST', `http://localhost${SERVICE}/FullDuplexCall`, {
      headers: { 'content-type': 'application/grpc', te: 'trailers', 'grpc-timeout': '50m' },
      body: framed(bytesField(2, parameters)),
    })
    const sent = connection.sender.send(request, { signal: AbortSignal.timeout(50) })
    await expect(sent).rejects.toMatchObject({ code: 'CANCELED' })
  })

  test('cancel_after_begin', async () => {
    const signal = new AbortController()
    const request = new HttpRequest('POST', `http://localhost${SERVICE}/StreamingInputCall`, {
      headers: { 'content-type': 'application/grpc', te: 'trailers' },
      body: (async function* never(): AsyncGenerator<Uint8Array> {
        await new Promise((resolve) => signal.signal.addEventListener('abort', resolve))
        yield new Uint8Array(0)
      })(),
    })
    const sent = connection.sender.send(request, { signal: signal.signal })
    setTimeout(() => signal.abort(), 20)
    await expect(sent).rejects.toMatchObject({ code: 'CANCELED' })
  })

  test('cancel_after_first_response', async () => {
    let stop: () => void = () => undefined
    const until = new Promise<void>((resolve) => (stop = resolve))
    async function* questions(): AsyncGenerator<Uint8Array> {
      yield output([31_415], 27_182)
      await until
    }
    const given = await made('FullDuplexCall', questions())
    for await (const message of given.messages) {
      expect(message.length).toBe(answer(31_415).length)
      break
    }
    stop()
    await finished(await made('EmptyCall', [new Uint8Array(0)]), [''])
  })
})
