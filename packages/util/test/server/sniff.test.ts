import { HttpResponse } from '@hyper/core/http'
import type { PeerInfo } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { byteByByte, chunkings, MockIo, toBytes, VirtualRuntime } from '@hyper/testkit'
import { type AutoConnection, type AutoOptions, serveAuto } from '@hyper/util/server'
import { describe, expect, test } from 'vitest'

// How the protocol of a connection is told: by hand-played bytes, on a virtual clock.

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const SETTINGS = '\0\0\0\x04\0\0\0\0\0'
/** GET http://a/ on stream 1, complete. */
const HEADERS = '\0\0\x06\x01\x05\0\0\0\x01\x82\x86\x84\x41\x01a'
const H2_REQUEST = PREFACE + SETTINGS + HEADERS
/** GOAWAY of the connection, last stream 0, PROTOCOL_ERROR: from the type on. */
const GOAWAY_PROTOCOL_ERROR = `\x07${'\0'.repeat(12)}\x01`
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'

const service: Service = (request) => new HttpResponse(`${request.version} ${request.method}`)

interface Played {
  readonly io: MockIo
  readonly runtime: VirtualRuntime
  readonly connection: AutoConnection
}

function play(options: Partial<AutoOptions> = {}, peer?: PeerInfo): Played {
  const io = new MockIo(peer)
  const runtime = new VirtualRuntime()
  const connection = serveAuto(io, service, { runtime, ...options })
  return { io, runtime, connection }
}

function feed({ io, runtime }: Played, chunks: Iterable<Uint8Array | string>): string {
  for (const chunk of chunks) {
    io.feed(chunk)
    runtime.turn()
  }
  return io.text
}

function isGone({ io }: Played): boolean {
  return io.released || io.aborted
}

describe('row 322: the first bytes tell the protocol', () => {
  test('row 322: HTTP/1, in any cuts', () => {
    for (const { name, chunks } of chunkings(GET)) {
      const played = play()
      expect([name, feed(played, chunks)]).toEqual([name, expect.stringContaining('1.1 GET')])
      expect(played.connection.protocol).toBe('http1')
    }
  })

  test('row 322: HTTP/2, in any cuts', () => {
    for (const { name, chunks } of chunkings(H2_REQUEST)) {
      const played = play()
      expect([name, feed(played, chunks)]).toEqual([name, expect.stringContaining('2 GET')])
      expect(played.connection.protocol).toBe('http2')
    }
  })

  test('row 322: the first byte that differs makes it HTTP/1, also when it comes late', () => {
    for (const method of ['POST', 'PRI', 'PR', 'P', 'PRINT', 'PROPFIND']) {
      const text = `${method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`
      for (const { name, chunks } of [...chunkings(text)].slice(0, 8)) {
        const answer = feed(play(), chunks)
        // `PRI ` is the one beginning that nothing but HTTP/2 has.
        if (method === 'PRI') expect(answer).toContain(GOAWAY_PROTOCOL_ERROR)
        else expect([name, answer]).toEqual([name, expect.stringContaining(`1.1 ${method}`)])
      }
    }
  })

  test('row 322: a request shorter than the preface works', () => {
    const played = play({ http1: { allowMissingHost: true } })
    expect(feed(played, byteByByte('GET / HTTP/1.0\r\n\r\n').chunks)).toContain('1.0 GET')
  })

  test('row 322: nothing is known before the byte that decides', () => {
    const played = play()
    for (const byte of PREFACE.slice(0, -1)) feed(played, [byte])
    expect([played.connection.protocol, played.connection.isIdle, played.io.writes]).toEqual([null, true, []])
    feed(played, ['\n'])
    expect(played.connection.protocol).toBe('http2')
    // Our SETTINGS are the first that is sent (RFC 9113 §3.4).
    expect(played.io.text.charCodeAt(3)).toBe(4)
  })

  test('row 322: an end before the first byte is a clean end', async () => {
    const played = play()
    played.io.deliver()
    played.io.feedEnd()
    expect(isGone(played)).toBe(true)
    expect(await played.connection.closed).toEqual({ error: null, reasons: ['eof'] })
    expect(played.io.text).toBe('')
  })

  test('row 322: an end within the preface ends as the protocol does whose bytes they are', async () => {
    for (const [text, protocol] of [
      ['PRI', 'http1'],
      ['PRI * H', 'http2'],
    ] as const) {
      const played = play()
      feed(played, [text])
      played.io.feedEnd()
      expect(played.connection.protocol).toBe(protocol)
      played.io.feedClose()
      await played.connection.closed
    }
  })

  test('a broken preface ends as HTTP/2 does, in any cuts', () => {
    for (const text of ['PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n', 'PRI /', `${PREFACE.slice(0, -1)}X`]) {
      for (const { name, chunks } of chunkings(text)) {
        const played = play()
        expect([name, feed(played, chunks)]).toEqual([name, expect.stringContaining(GOAWAY_PROTOCOL_ERROR)])
      }
    }
  })

  test('a first packet of neither protocol ends as a broken preface does', () => {
    for (const text of ['INVALID CONNECTION PREFACE\r\n\r\n', 'hello my friend\n']) {
      expect([text, feed(play(), [text])]).toEqual([text, expect.stringContaining(GOAWAY_PROTOCOL_ERROR)])
    }
  })

  test('what is a request in any of its words, and malformed in others, is answered by HTTP/1', () => {
    const lines = [
      'GET / RTSP/1.0',
      'GET http://a/ FTP/1.0',
      'OPTIONS * ABC',
      'CONNECT a:80 ABC',
      'GET index.html HTTP/1.1',
      'GET a http/1.1',
      'GET a b HTTP/1.1 c',
      'GET  / HTTP/1.1',
      'GET a',
      'GET a b c',
      'HTTP/1.1 200 OK',
      'GET',
    ]
    for (const line of lines) {
      expect([line, feed(play(), [`${line}\r\n\r\n`])]).toEqual([
        line,
        expect.stringMatching(/^HTTP\/1\.1 [45]/),
      ])
    }
  })

  test('the chunk that decides is handed on as it is, and later ones pass nothing', () => {
    const played = play()
    const chunk = toBytes('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbo')
    feed(played, [chunk])
    // The connection proper has taken the Io over.
    expect(played.io.calls.filter((call) => call === 'start')).toHaveLength(2)
    feed(played, ['dy'])
    expect(played.io.text).toContain('1.1 POST')
  })
})

describe('row 323: one of the two alone', () => {
  test('row 323: http1 refuses the preface without a word', async () => {
    const played = play({ only: 'http1' })
    expect(played.connection.protocol).toBe('http1')
    expect(feed(played, [H2_REQUEST])).toBe('')
    played.io.feedEnd()
    expect((await played.connection.closed).error?.code).toBe('PARSE_VERSION_H2')
  })

  test('row 323: http1 serves HTTP/1', () => {
    expect(feed(play({ only: 'http1' }), [GET])).toContain('1.1 GET')
  })

  test('row 323: http2 refuses HTTP/1 with GOAWAY', () => {
    const played = play({ only: 'http2' })
    expect(played.connection.protocol).toBe('http2')
    expect(feed(played, [GET])).toContain(GOAWAY_PROTOCOL_ERROR)
  })

  test('row 323: http2 serves HTTP/2', () => {
    expect(feed(play({ only: 'http2' }), [H2_REQUEST])).toContain('2 GET')
  })

  test('row 323: it wins over ALPN', () => {
    const peer = { transport: 'tls', encrypted: true, alpnProtocol: 'h2' }
    expect(play({ only: 'http1' }, peer).connection.protocol).toBe('http1')
  })
})

describe('what TLS has agreed on decides', () => {
  test.each([
    ['h2', 'http2'],
    ['http/1.1', 'http1'],
    [undefined, 'http1'],
  ] as const)('ALPN %s is %s', (alpnProtocol, protocol) => {
    const played = play({}, { transport: 'tls', encrypted: true, alpnProtocol })
    expect(played.connection.protocol).toBe(protocol)
    const answer = feed(played, [protocol === 'http2' ? H2_REQUEST : GET])
    expect(answer).toContain(protocol === 'http2' ? '2 GET' : '1.1 GET')
  })
})

describe('row 324: the end of a connection that has not told its protocol', () => {
  test('row 324: graceful shutdown ends it at once', async () => {
    for (const begun of ['', 'PRI * HT']) {
      const played = play()
      feed(played, [begun])
      played.connection.gracefulShutdown()
      expect([isGone(played), played.io.text]).toEqual([true, ''])
      expect(await played.connection.closed).toEqual({ error: null, reasons: ['keep-alive-off'] })
      // What the client has sent meanwhile is nobody's.
      feed(played, [GET])
      expect(played.connection.protocol).toBeNull()
    }
  })

  test('row 324: after the protocol is known the shutdown is the protocol’s own', async () => {
    const played = play()
    feed(played, [GET])
    played.connection.gracefulShutdown()
    played.io.feedEnd()
    await expect(played.connection.closed).resolves.toMatchObject({ error: null })
  })

  test('abort resets it', async () => {
    const played = play()
    played.connection.abort()
    expect(played.io.aborted).toBe(true)
    expect(await played.connection.closed).toMatchObject({ error: { code: 'CANCELED', by: 'user' } })
    played.connection.abort()
    played.connection.gracefulShutdown()
    expect(played.io.calls.filter((call) => call === 'abort')).toHaveLength(1)
  })

  test('abort passes on once the protocol is known', async () => {
    const played = play()
    feed(played, ['GET'])
    played.connection.abort()
    expect(played.io.aborted).toBe(true)
    expect(await played.connection.closed).toMatchObject({ error: { code: 'CANCELED' } })
  })

  test('a transport that fails meanwhile is the error', async () => {
    const played = play()
    played.io.feedClose(new Error('read ECONNRESET'))
    expect(await played.connection.closed).toMatchObject({ error: { code: 'IO', by: 'io' } })
  })
})

describe('the deadline for the silent', () => {
  test('10 s without a byte, and the connection is closed without a word', async () => {
    const played = play()
    played.runtime.advance(9_900)
    expect(isGone(played)).toBe(false)
    played.runtime.advance(200)
    expect([isGone(played), played.io.aborted, played.io.text]).toEqual([true, false, ''])
    expect(await played.connection.closed).toMatchObject({
      error: { code: 'IDLE_TIMEOUT' },
      reasons: ['timeout'],
    })
  })

  test('bytes that decide nothing buy no time', () => {
    const played = play({ sniffTimeout: 1_000 })
    for (const byte of 'PRI * HTTP') {
      feed(played, [byte])
      played.runtime.advance(105)
    }
    expect(isGone(played)).toBe(true)
  })

  test.each([0, null, Infinity])('%s turns it off', (sniffTimeout) => {
    const played = play({ sniffTimeout })
    played.runtime.advance(3_600_000)
    expect(isGone(played)).toBe(false)
  })

  test.each([-1, Number.NaN, '5' as unknown as number])('%s is refused', (sniffTimeout) => {
    expect(() => play({ sniffTimeout })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  test('it is gone once the protocol is known', () => {
    const played = play({ sniffTimeout: 1_000, http1: { headerReadTimeout: null } })
    feed(played, ['G'])
    played.runtime.advance(5_000)
    expect(feed(played, [GET.slice(1)])).toContain('1.1 GET')
  })
})

test('row 325: the options of HTTP/1 are set on the whole', () => {
  const http1 = { titleCaseHeaders: true }
  expect(feed(play({ http1 }), [GET])).toContain('Content-Length: 7')
})

test('row 325: header case is preserved when asked for', () => {
  const io = new MockIo()
  const runtime = new VirtualRuntime()
  let seen = ''
  const preserving: Service = (request) => {
    seen = request.headers.caseAt(1)
    return new HttpResponse('')
  }
  serveAuto(io, preserving, { runtime, http1: { preserveHeaderCase: true } })
  io.feed('GET / HTTP/1.1\r\nHost: a\r\nX-sEEn: 1\r\n\r\n')
  io.deliver()
  expect(seen).toBe('X-sEEn')
})

test('the options of HTTP/2 are those of its connections', () => {
  const played = play({ http2: { maxConcurrentStreams: 7 } })
  // SETTINGS_MAX_CONCURRENT_STREAMS
  expect(feed(played, [H2_REQUEST])).toContain('\0\x03\0\0\0\x07')
})

test('one options object makes its plan once', () => {
  const runtime = new VirtualRuntime()
  const options = { runtime }
  for (let count = 0; count < 2; count++) {
    const io = new MockIo()
    serveAuto(io, service, options)
    io.deliver()
    io.feed(GET)
    expect(io.text).toContain('1.1 GET')
  }
})

test('the tracer hears of a connection once its protocol is known', () => {
  const seen: string[] = []
  const tracer = {
    onConnectionStart: () => seen.push('start'),
    onConnectionEnd: () => seen.push('end'),
    onRequestStart: () => seen.push('request'),
  }
  const played = play({ tracer })
  expect(seen).toEqual([])
  feed(played, [GET])
  expect(seen).toEqual(['start', 'request'])
})
