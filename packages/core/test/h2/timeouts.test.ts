import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import {
  clientH2Settings,
  serverH2Settings,
  type H2ClientOptions,
  type H2ServerOptions,
} from '../../src/h2/options.ts'
import { NO_FIELDS, Peer } from './server-kit.ts'

// The clocks of a server machine, in virtual time, and what options may be: each time limit just before and at its
// moment, and off.

const { data, ping, request, settings, windowUpdate } = frames

const POST = { method: 'POST' } as const

describe('the header block', () => {
  test('10 s from its first frame, however it dribbles', () => {
    const peer = new Peer()
    peer.send(request(1, [], { endHeaders: false }))
    peer.after(5_000)
    peer.send(frames.continuation(1, new Uint8Array(0), { endHeaders: false }))
    expect(peer.after(4_999)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 0 PROTOCOL_ERROR a field block that does not end'])
    expect(peer.told()).toEqual(['FAILED HEADERS_TIMEOUT', 'CLOSED'])
  })

  test('one that ends in time', () => {
    const peer = new Peer()
    peer.send(request(1, [], { endHeaders: false }))
    peer.after(9_999)
    peer.send(frames.continuation(1))
    expect(peer.after(2_000)).toEqual([])
    expect(peer.told()).toEqual(['HEAD 1 GET /'])
  })

  test('off', () => {
    const peer = new Peer({ headerBlockTimeout: null })
    peer.send(request(1, [], { endHeaders: false }))
    expect(peer.after(250_000)).toEqual([])
  })
})

describe('our SETTINGS', () => {
  test('are acknowledged within 10 s', () => {
    const peer = new Peer({}, null)
    peer.send(frames.preface, settings())
    expect(peer.after(9_999)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 0 SETTINGS_TIMEOUT SETTINGS not acknowledged'])
    expect(peer.told()).toEqual(['FAILED SETTINGS_TIMEOUT', 'CLOSED'])
  })

  test('who is silent from the start is not waited for any longer', () => {
    const peer = new Peer({}, null)
    expect(peer.after(10_000)).toEqual(['GOAWAY 0 SETTINGS_TIMEOUT SETTINGS not acknowledged'])
  })

  test('off', () => {
    const peer = new Peer({ settingsTimeout: 0 }, null)
    expect(peer.after(299_999)).toEqual([])
  })
})

describe('idle', () => {
  test('5 minutes without a stream: GOAWAY', () => {
    const peer = new Peer()
    expect(peer.after(299_999)).toEqual([])
    // A ping is no request.
    peer.send(ping())
    expect(peer.after(1)).toEqual(['GOAWAY 0 NO_ERROR'])
    expect(peer.told()).toEqual(['CLOSED'])
  })

  test('a stream stops the clock, its end starts it anew', () => {
    const peer = new Peer({ idleTimeout: 1_000 })
    peer.send(request(1))
    expect(peer.after(10_000)).toEqual([])
    peer.respond(1)
    expect(peer.after(999)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 1 NO_ERROR'])
  })

  test('off', () => {
    const peer = new Peer({ idleTimeout: Infinity })
    expect(peer.machine.nextDeadline).toBe(Infinity)
  })
})

describe('row 182: keep-alive pings', () => {
  const KEEP_ALIVE = ping('hyperka\x01', true)

  test('one per interval, with an answer', () => {
    const peer = new Peer({ keepAliveInterval: 10_000, keepAliveTimeout: 3_000 })
    for (let round = 0; round < 3; round++) {
      expect(peer.after(9_999)).toEqual([])
      expect(peer.after(1)).toEqual(['PING hyperka'])
      expect(peer.send(KEEP_ALIVE)).toEqual([])
    }
    expect(peer.machine.failure).toBe(null)
  })

  test('and none', () => {
    const peer = new Peer({ keepAliveInterval: 10_000, keepAliveTimeout: 3_000 })
    peer.send(request(1))
    expect(peer.after(10_000)).toEqual(['PING hyperka'])
    peer.told()
    // Row 184: from the ping on only its answer counts.
    peer.after(1_000)
    peer.send(ping('another '))
    peer.send(ping('hyperka!', true))
    expect(peer.after(1_999)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 1 NO_ERROR ping timeout'])
    expect(peer.told()).toEqual(['FAILED PING_TIMEOUT', 'CLOSED'])
  })

  test('row 184: what is heard puts the ping off', () => {
    const peer = new Peer({ keepAliveInterval: 10_000 })
    peer.after(9_000)
    peer.send(windowUpdate(0, 1))
    expect(peer.after(9_999)).toEqual([])
    expect(peer.after(1)).toEqual(['PING hyperka'])
  })

  test('off by default', () => {
    expect(new Peer({ idleTimeout: 0 }).after(1_000_000)).toEqual([])
  })
})

describe('bodies', () => {
  test('30 s of silence', () => {
    const peer = new Peer({ bodyMinRate: 0 })
    peer.send(request(1, [], POST), data(1, 'x'))
    expect(peer.after(29_000)).toEqual([])
    peer.send(data(1, 'x'))
    expect(peer.after(29_000)).toEqual([])
    expect(peer.after(2_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told().at(-1)).toBe('RESET 1 BODY_TIMEOUT')
    peer.send(request(3))
    expect(peer.told()).toEqual(['HEAD 3 GET /'])
  })

  test('fewer than 240 bytes per second, after 5 s', () => {
    const peer = new Peer()
    peer.send(request(1, [], POST), request(3, [], POST))
    const lines: string[] = []
    for (let second = 0; second < 20; second++) {
      peer.send(data(1, 'x'.repeat(100)), data(3, 'x'.repeat(300)))
      lines.push(...peer.after(1_000))
    }
    // After n seconds: 100 n < 240 (n - 5) from n = 9 on.
    expect(lines).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told().filter((line) => line.startsWith('RESET'))).toEqual(['RESET 1 BODY_TIMEOUT'])
  })

  test('a reader that is behind, or asks for nothing, stops the clocks', () => {
    const peer = new Peer({ consumes: false })
    peer.send(request(1, [], POST), data(1, 'x'))
    expect(peer.after(10_000_000).filter((line) => !line.startsWith('GOAWAY'))).toEqual([])
    peer.machine.consume(peer.stream(1), 1)
    peer.stream(1).receivedAt = peer.now
    // Its time counts from here, not from the beginning of the request.
    expect(peer.after(3_000)).toEqual([])
    peer.send(data(1, 'x', { endStream: true }))
    expect(peer.told().at(-1)).toBe('END 1')
  })

  test('both off', () => {
    const peer = new Peer({ bodyIdleTimeout: null, bodyMinRate: 0 })
    peer.send(request(1, [], POST))
    expect(peer.after(10_000_000)).toEqual([])
  })

  test('a tunnel that is open may be silent', () => {
    const peer = new Peer()
    peer.send(
      frames.headers(1, [
        [':method', 'CONNECT'],
        [':authority', 'a:1'],
      ]),
    )
    peer.machine.sendHead(peer.stream(1), 200, NO_FIELDS, 0, true)
    expect(peer.written()).toEqual(['HEADERS 1 :status=200'])
    expect(peer.after(1_000_000)).toEqual([])
  })
})

describe('a reader that takes nothing', () => {
  test('30 s without credit for a stream', () => {
    const peer = new Peer({}, settings({ initialWindowSize: 0 }))
    peer.send(request(1))
    peer.after(25_000)
    peer.begin(1)
    // The wait begins when there is something to send.
    peer.machine.sendData(peer.stream(1), new Uint8Array(10))
    expect(peer.after(29_000)).toEqual([])
    expect(peer.send(windowUpdate(1, 1))).toEqual(['DATA 1 \0'])
    expect(peer.after(29_000)).toEqual([])
    expect(peer.after(2_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told().at(-1)).toBe('RESET 1 SEND_TIMEOUT')
    expect(peer.machine.queued).toBe(0)
  })

  test('also while its own body goes on', () => {
    const peer = new Peer({}, settings({ initialWindowSize: 0 }))
    peer.send(request(1, [], POST))
    peer.begin(1)
    peer.machine.sendData(peer.stream(1), new Uint8Array(10))
    const lines: string[] = []
    for (let second = 0; second < 40 && lines.length === 0; second++) {
      peer.send(data(1, 'x'.repeat(500)))
      lines.push(...peer.after(1_000))
    }
    expect(lines).toEqual(['RST_STREAM 1 CANCEL'])
  })

  test('30 s without a byte taken by the transport', () => {
    const peer = new Peer()
    peer.machine.setSending(true, peer.now)
    peer.after(29_999)
    peer.machine.setSending(false, peer.now)
    peer.machine.setSending(true, peer.now)
    expect(peer.after(29_999)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 0 NO_ERROR nothing is read'])
    expect(peer.told()).toEqual(['FAILED SEND_TIMEOUT', 'CLOSED'])
  })

  test('off', () => {
    const peer = new Peer({ sendTimeout: 0 }, settings({ initialWindowSize: 0 }))
    peer.send(request(1))
    peer.begin(1)
    peer.machine.sendData(peer.stream(1), new Uint8Array(10))
    peer.machine.setSending(true, peer.now)
    expect(peer.after(1_000_000)).toEqual([])
  })
})

test('a body that nobody wants ends 2 s after its answer, or at 64 KiB', () => {
  const peer = new Peer()
  peer.send(request(1, [], POST))
  peer.machine.stopReceiving(peer.stream(1))
  expect(peer.after(5_000)).toEqual([])
  peer.respond(1)
  expect(peer.after(1_000)).toEqual(['RST_STREAM 1 NO_ERROR'])
  peer.send(request(3, [], POST))
  peer.machine.stopReceiving(peer.stream(3))
  peer.respond(3)
  for (let frame = 0; frame < 4; frame++) expect(peer.send(data(3, new Uint8Array(16_384)))).toEqual([])
  expect(peer.send(data(3, 'x'))).toEqual(['RST_STREAM 3 NO_ERROR'])
  expect(peer.send(data(3, 'late'))).toEqual([])
})

describe('options', () => {
  const both: [string, unknown[]][] = [
    ['initialStreamWindowSize', [-1, 2 ** 31, 1.5, Number.NaN, '1', Infinity]],
    ['initialConnectionWindowSize', [65_534, 2 ** 31, 0.5, Infinity]],
    ['maxWindowSize', [65_534, 2 ** 31, Infinity]],
    ['maxFrameSize', [16_383, 16_777_216, Infinity]],
    ['maxHeaderListSize', [63, -1, 100.5]],
    ['maxHeaders', [-1, 0.5]],
    ['headerTableSize', [-1, 2 ** 31, Infinity]],
    ['maxSendBufferSize', [0, -1]],
    ['maxLocalErrorResetStreams', [-1, 1.5]],
    ['adaptiveWindow', ['yes', 1, null]],
    ['headerBlockTimeout', [-1, Number.NaN, '10']],
    ['settingsTimeout', [-1]],
    ['keepAliveInterval', [-1]],
    ['keepAliveTimeout', [-1]],
    ['bodyIdleTimeout', [-1]],
    ['sendTimeout', [-1]],
  ]
  const server: [string, unknown[]][] = [
    ['maxConcurrentStreams', [-1, 1.5]],
    ['autoDateHeader', ['no']],
    ['enableConnectProtocol', [1]],
    ['idleTimeout', [-1]],
    ['requestTimeout', [-1, Number.NaN, '1']],
    ['bodyMinRate', [-1, 0.5]],
    ['bodyMinRateGrace', [-1]],
    ['maxResetBurst', [-1]],
    ['maxResetRate', [-1]],
    ['maxRequests', [0, -1]],
  ]
  const client: [string, unknown[]][] = [
    ['initialMaxSendStreams', [-1, 0.5]],
    ['keepAliveWhileIdle', ['no']],
    ['headersTimeout', [-1]],
    ['maxInformational', [-1]],
  ]
  const refused = (make: () => unknown, name: string): void => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }),
    )
  }

  test.each([...both, ...server])('server: %s', (name, values) => {
    for (const value of values) refused(() => serverH2Settings({ [name]: value } as H2ServerOptions), name)
  })

  test.each([...both, ...client])('client: %s', (name, values) => {
    for (const value of values) refused(() => clientH2Settings({ [name]: value } as H2ClientOptions), name)
  })

  test('defaults', () => {
    const { text: _server, ...ours } = serverH2Settings({})
    expect(ours).toEqual({
      isServer: true,
      streamWindow: 1_048_576,
      connectionWindow: 4_194_304,
      adaptiveWindow: true,
      maxWindow: 16_777_216,
      maxFrameSize: 16_384,
      maxHeaderListSize: 65_536,
      maxHeaders: 100,
      headerTableSize: 4_096,
      maxSendBuffer: 262_144,
      maxLocalErrorResets: 1_024,
      headerBlockTimeout: 10_000,
      settingsTimeout: 10_000,
      keepAliveInterval: Infinity,
      keepAliveTimeout: 20_000,
      keepAliveWhileIdle: true,
      bodyIdleTimeout: 30_000,
      sendTimeout: 30_000,
      maxConcurrentStreams: 100,
      autoDateHeader: true,
      connectProtocol: false,
      idleTimeout: 300_000,
      requestTimeout: Infinity,
      bodyMinRate: 240,
      bodyMinRateGrace: 5_000,
      maxResetBurst: 200,
      maxResetRate: 33,
      maxRequests: Infinity,
      initialMaxSendStreams: 0,
      headersTimeout: Infinity,
      maxInformational: Infinity,
    })
    expect(clientH2Settings({})).toMatchObject({
      isServer: false,
      streamWindow: 2_097_152,
      connectionWindow: 8_388_608,
      bodyIdleTimeout: Infinity,
      headersTimeout: Infinity,
      initialMaxSendStreams: 100,
      maxInformational: 32,
      keepAliveWhileIdle: false,
    })
  })

  test('limits that are off', () => {
    const off = {
      maxHeaderListSize: Infinity,
      maxHeaders: Infinity,
      maxConcurrentStreams: Infinity,
      maxLocalErrorResetStreams: Infinity,
    }
    const peer = new Peer(off)
    expect(peer.greeting[0]).toBe('SETTINGS streams=4294967295 window=1048576 list=4294967295')
    peer.send(request(1, [['a', 'x'.repeat(10_000)]]))
    expect(peer.told()).toEqual(['HEAD 1 GET /'])
  })
})
