import { Body, type BodySink } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { toText } from '@hyper/testkit'
import { fromReadableStream, toReadableStream, webIo } from '@hyper/util/web'
import { expect, test } from 'vitest'

const silent: BodySink = { onData() {}, onTrailers() {}, onEnd() {}, onError() {} }

test('a body as a stream', async () => {
  const stream = toReadableStream(Body.from(['one ', 'two ', new TextEncoder().encode('drei')]))
  expect(await new Response(stream).text()).toBe('one two drei')
})

test('the stream pulls no further than it is read', async () => {
  let produced = 0
  async function* source(): AsyncGenerator<string> {
    for (;;) yield `${produced++}`
  }
  const body = Body.from(source())
  const reader = toReadableStream(body).getReader()
  await new Promise((resolve) => setImmediate(resolve))
  expect([produced, body.used]).toEqual([0, false])
  for (let index = 0; index < 5; index++)
    expect(toText((await reader.read()).value ?? new Uint8Array())).toBe(`${index}`)
  await new Promise((resolve) => setImmediate(resolve))
  expect(produced).toBeLessThan(8)
  await reader.cancel()
})

test('cancelling the stream cancels the body, with its source', async () => {
  let isReturned = false
  async function* source(): AsyncGenerator<string> {
    try {
      for (;;) yield 'x'
    } finally {
      isReturned = true
    }
  }
  const body = Body.from(source())
  const reader = toReadableStream(body).getReader()
  await reader.read()
  await reader.cancel('enough')
  await new Promise((resolve) => setImmediate(resolve))
  expect(isReturned).toBe(true)
})

test('a failing body errors the stream', async () => {
  async function* source(): AsyncGenerator<string> {
    yield 'x'
    throw new Error('boom')
  }
  const error: unknown = await new Response(toReadableStream(Body.from(source())))
    .text()
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(HyperError)
  expect((error as HyperError).code).toBe('BODY_FAILED')
})

test('a stream as a body, with strings and bytes', async () => {
  const stream = new ReadableStream<Uint8Array | string>({
    start(controller) {
      controller.enqueue('grü')
      controller.enqueue(new TextEncoder().encode('ße'))
      controller.close()
    },
  })
  const body = fromReadableStream(stream, { length: 7 })
  expect(body.sizeHint).toEqual({ lower: 7, upper: 7 })
  expect(stream.locked).toBe(true)
  expect(await body.text()).toBe('grüße')
})

test('cancelling a body that was never started cancels the stream with the reason', async () => {
  let reason: unknown = null
  const stream = new ReadableStream<Uint8Array>({
    cancel(given) {
      reason = given
    },
  })
  fromReadableStream(stream).cancel('nobody wants it')
  await Promise.resolve()
  expect(reason).toBe('nobody wants it')
})

test('cancelling a started body cancels the stream', async () => {
  let isCancelled = false
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(Uint8Array.of(1))
    },
    cancel() {
      isCancelled = true
    },
  })
  const body = fromReadableStream(stream)
  body.start(silent)
  body.pause()
  await new Promise((resolve) => setImmediate(resolve))
  body.cancel()
  await new Promise((resolve) => setImmediate(resolve))
  expect(isCancelled).toBe(true)
})

test('an error of the stream fails the body', async () => {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.error(new Error('boom'))
    },
  })
  await expect(fromReadableStream(stream).text()).rejects.toMatchObject({
    code: 'BODY_FAILED',
    cause: { message: 'boom' },
  })
})

test('a locked stream is refused', () => {
  const stream = new ReadableStream<Uint8Array>()
  stream.getReader()
  expect(() => fromReadableStream(stream)).toThrow(expect.objectContaining({ code: 'INVALID_BODY' }))
})

test('a pair that gives something else than bytes fails the Io', async () => {
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue('text' as unknown as Uint8Array)
    },
  })
  const io = webIo({ readable, writable: new WritableStream<Uint8Array>() })
  const error = await new Promise<Error | null>((resolve) =>
    io.start({ onData: () => false, onEnd() {}, onDrain() {}, onWriteError() {}, onClose: resolve }),
  )
  expect(error).toBeInstanceOf(TypeError)
})
