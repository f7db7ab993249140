// A service that asks another server and lets what goes wrong there escape: its own client hears 502 or 504 (RFC 9110
// §15.6.3, §15.6.5), and never the status that the same fault of its own would have.

import { frames, MockIo, VirtualRuntime } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { limitBody } from '../../src/body/index.ts'
import { handshake as handshakeH2 } from '../../src/drive/h2-handshake.ts'
import { HyperError } from '../../src/error/index.ts'
import { handshake, type SendRequest } from '../../src/h1/index.ts'
import { HttpRequest, HttpResponse } from '../../src/http/index.ts'
import type { Service } from '../../src/service/service.ts'
import { connected } from '../h1/connected.ts'
import { get, post } from '../h1/wire.ts'
import { served } from '../h2/serve-kit.ts'

const HEADERS = { host: 'inner' }
const { goAway, join, response, rst, settings } = frames

/** What a server behind the service does, and what the service's client is told. */
interface Row {
  readonly name: string
  readonly act: (io: MockIo, runtime: VirtualRuntime) => void
  readonly code: string
  readonly status: 502 | 504
}

const KEPT = 'connection: keep-alive\r\nkeep-alive: timeout=75\r\n'
const PHRASE = { 502: 'Bad Gateway', 504: 'Gateway Timeout' } as const

interface Inner {
  readonly io: MockIo
  readonly runtime: VirtualRuntime
  readonly sender: Pick<SendRequest, 'send'>
}

const inner = (version: 1 | 2): Inner => {
  const io = new MockIo()
  const runtime = new VirtualRuntime()
  const { sender } =
    version === 1
      ? handshake(io, { runtime, maxHeadSize: 100, headersTimeout: 1_000 })
      : handshakeH2(io, { runtime, maxHeaderListSize: 100, headersTimeout: 1_000 })
  return { io, runtime, sender }
}

/** Asks, and gives the whole of what comes; keeps the code of what it lets escape. */
function asking({ sender }: Inner, codes: string[]): Service {
  return async () => {
    try {
      const { body, status } = await sender.send(new HttpRequest('GET', '/', { headers: HEADERS }))
      return new HttpResponse(await body.text(), { status })
    } catch (error) {
      if (error instanceof HyperError) codes.push(error.code)
      throw error
    }
  }
}

const LOST: readonly Row[] = [
  { name: 'a reset of the transport', act: (io) => io.feedClose(new Error('x')), code: 'IO', status: 502 },
  { name: 'its close', act: (io) => io.feedClose(), code: 'CLOSED', status: 502 },
  { name: 'the end', act: (io) => io.feedEnd(), code: 'INCOMPLETE_MESSAGE', status: 502 },
  {
    name: 'silence',
    act: (_, runtime) => {
      runtime.turn()
      runtime.advance(3_000)
    },
    code: 'HEADERS_TIMEOUT',
    status: 504,
  },
]

const feeds = (wire: string | Uint8Array): Row['act'] => {
  return (io) => io.feed(wire)
}

const ROWS: Readonly<Record<1 | 2, readonly Row[]>> = {
  1: [
    ...LOST,
    {
      name: 'a head that is too large',
      act: feeds(`HTTP/1.1 200 OK\r\na: ${'b'.repeat(100)}\r\n\r\n`),
      code: 'HEAD_TOO_LARGE',
      status: 502,
    },
    {
      name: 'a length that is none',
      act: feeds('HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n'),
      code: 'CONTENT_LENGTH_INVALID',
      status: 502,
    },
    {
      name: 'another version',
      act: feeds('HTTP/2.0 200 OK\r\n\r\n'),
      code: 'VERSION_UNSUPPORTED',
      status: 502,
    },
    {
      name: 'a body that is cut off',
      act: (io) => {
        io.feed('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc')
        io.feedEnd()
      },
      code: 'INCOMPLETE_MESSAGE',
      status: 502,
    },
  ],
  2: [
    ...LOST,
    {
      name: 'a head that is too large',
      act: feeds(response(1, 200, [['a', 'b'.repeat(100)]])),
      code: 'HEAD_TOO_LARGE',
      status: 502,
    },
    { name: 'a reset of the stream', act: feeds(rst(1)), code: 'STREAM_RESET', status: 502 },
    { name: 'GOAWAY', act: feeds(goAway(0)), code: 'GOAWAY', status: 502 },
    { name: 'a broken rule', act: feeds(rst(7)), code: 'H2_CONNECTION', status: 502 },
  ],
}

for (const version of [1, 2] as const) {
  describe(`behind the service, HTTP/${version}`, () => {
    for (const { act, code, name, status } of ROWS[version]) {
      test(`${name} is ${status}`, async () => {
        const told = await tell(version, act)
        expect(told).toEqual({
          codes: [code, code],
          h1: `HTTP/1.1 ${status} ${PHRASE[status]}\r\ncontent-length: 0\r\n${KEPT}\r\n`,
          h2: [`HEADERS 1 end :status=${status}`],
        })
      })
    }

    test('a connection that is over is 502', async () => {
      const it = inner(version)
      it.io.feedClose()
      const codes: string[] = []
      const server = connected(asking(it, codes))
      expect(await server.ask(get())).toMatch(/^HTTP\/1\.1 502 /u)
      expect(codes).toEqual(['CLOSED'])
    })

    test('what the service does itself is 500', async () => {
      const it = inner(version)
      const signal = AbortSignal.abort()
      const server = connected(() =>
        it.sender.send(new HttpRequest('GET', '/', { headers: HEADERS }), { signal }),
      )
      expect(await server.ask(get())).toMatch(/^HTTP\/1\.1 500 /u)
    })

    test('a fault of its own client that comes by way of the request keeps its status', async () => {
      const it = inner(version)
      const server = connected(({ body }) =>
        it.sender.send(new HttpRequest('POST', '/', { headers: HEADERS, body: limitBody(body, 2) })),
      )
      expect(await server.ask(post(['content-length: 3'], 'abc'))).toMatch(/^HTTP\/1\.1 413 /u)
    })
  })
}

test('an error that was made by hand is answered with what it says, where that is the status of an error', async () => {
  for (const [by, statusHint, status] of [
    ['io', 504, 504],
    ['user', 503, 503],
    ['peer', 0, 500],
    ['peer', 200, 500],
    ['peer', 9.5, 500],
    ['peer', 404.5, 500],
    ['peer', 600, 500],
  ] as const) {
    const error = new HyperError('IO', null, { by, statusHint })
    const fails: Service = () => Promise.reject(error)
    expect(await connected(fails).ask(get())).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `, 'u'))
    expect(await (await served(fails)).send(frames.request(1))).toEqual([`HEADERS 1 end :status=${status}`])
  }
})

/** The same fault, told to a client of each protocol. */
async function tell(version: 1 | 2, act: Row['act']): Promise<{ codes: string[]; h1: string; h2: string[] }> {
  const codes: string[] = []
  const fail = async ({ io, runtime }: Inner): Promise<void> => {
    if (version === 2) io.feed(join(settings(), frames.settingsAck()))
    act(io, runtime)
    await runtime.settle()
  }
  const [first, second] = [inner(version), inner(version)]
  const h1 = connected(asking(first, codes))
  await h1.ask(get())
  await fail(first)
  const h2 = await served(asking(second, codes))
  await h2.send(frames.request(1))
  await fail(second)
  return { codes, h1: await h1.written(), h2: await h2.written() }
}
