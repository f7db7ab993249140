import { MockIo, VirtualRuntime } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import type { HyperError } from '../../src/error/index.ts'
import { handshake, type SendOptions } from '../../src/h1/index.ts'
import { HttpRequest, type HttpResponse } from '../../src/http/index.ts'

// A request is written at the end of the turn in which it was sent, with those of all other connections.

const WIRE = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\nx'

interface Sent {
  readonly io: MockIo
  readonly runtime: VirtualRuntime
  readonly answer: Promise<HttpResponse | HyperError>
}

function send(body: string = 'x', options?: SendOptions): Sent {
  const io = new MockIo()
  const runtime = new VirtualRuntime()
  const { sender } = handshake(io, { runtime })
  const request = new HttpRequest('POST', '/', { headers: { host: 'a' }, body })
  const answer = sender.send(request, options).catch((error: HyperError) => error)
  return { io, runtime, answer }
}

test('it is written when the turn is over', () => {
  const { io, runtime } = send()
  expect(io.take()).toBe('')
  runtime.turn()
  expect(io.take()).toBe(WIRE)
})

test('one that is large is written at once', () => {
  const { io } = send('x'.repeat(70_000))
  expect(io.take().length).toBeGreaterThan(70_000)
})

describe('a connection that is over', () => {
  const ends: readonly [string, (io: MockIo) => void, string][] = [
    ['ended by the server', (io) => io.feedEnd(), 'INCOMPLETE_MESSAGE'],
    ['reset', (io) => io.feedClose(new Error('reset')), 'IO'],
    ['closed', (io) => io.feedClose(), 'CLOSED'],
  ]

  test.each(ends)('%s, before it was written: nobody can have processed it', async (_, end, code) => {
    const { answer, io, runtime } = send()
    end(io)
    runtime.turn()
    expect(await answer).toMatchObject({ code, retryable: true })
    expect(io.take()).toBe('')
  })

  test.each(ends)('%s, afterwards: it may have been processed', async (_, end, code) => {
    const { answer, io, runtime } = send()
    runtime.turn()
    end(io)
    expect(await answer).toMatchObject({ code, retryable: false })
  })
})

test('one that is given up in its turn is not written', async () => {
  const controller = new AbortController()
  const { answer, io, runtime } = send('x', { signal: controller.signal })
  controller.abort()
  runtime.turn()
  expect(await answer).toMatchObject({ code: 'CANCELED', by: 'user' })
  expect([io.take(), io.aborted]).toEqual(['', true])
})
