import { frames, type FrameField } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { HeaderMap } from '../../src/http/header-map.ts'
import { GET, POST, ServerPeer } from './client-kit.ts'
import { NO_FIELDS } from './server-kit.ts'

// The client's machine: rows 174 to 286 of the parity checklist as far as it shows them, without a driver.

const { data, goAway, headers, ping, response, rst, settings, windowUpdate } = frames

const RESPONSE_TO_1 = response(1, 200, [], { endStream: true })

/** One GET and what the server sends. @returns output, then events */
function got(...wire: Uint8Array[]): string[] {
  const peer = new ServerPeer()
  peer.open()
  peer.written()
  return [...peer.send(...wire), ...peer.told()]
}

test('row 201: the preface, our SETTINGS, and a clean end', () => {
  const peer = new ServerPeer()
  expect(peer.preface).toBe('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  expect(peer.greeting).toEqual([
    'SETTINGS push=0 window=2097152 list=65536',
    `WINDOW_UPDATE 0 +${8 * 1_048_576 - 65_535}`,
    'SETTINGS ack',
  ])
  peer.machine.shutdown()
  expect(peer.pump()).toEqual(['GOAWAY 0 NO_ERROR'])
  expect(peer.told()).toEqual(['CLOSED'])
})

test('row 203: the settings that are configured are those that are sent', () => {
  const options = {
    headerTableSize: 0,
    initialStreamWindowSize: 65_535,
    initialConnectionWindowSize: 65_535,
    maxFrameSize: 20_000,
    maxHeaderListSize: 99,
  }
  expect(new ServerPeer(options).greeting).toEqual([
    'SETTINGS table=0 push=0 frame=20000 list=99',
    'SETTINGS ack',
  ])
})

test('rows 204 to 206: pseudo-header fields', () => {
  const peer = new ServerPeer({}, settings({ enableConnectProtocol: 1 }))
  peer.open(GET)
  peer.open({ ...GET, authority: null, path: '/a?b' })
  peer.open({ ...GET, method: 'OPTIONS', path: '*' })
  peer.open({ ...GET, method: 'CONNECT', scheme: null, path: null, authority: 'b:1' })
  peer.open({ ...GET, method: 'CONNECT', protocol: 'ws' })
  expect(peer.written()).toEqual([
    'HEADERS 1 end :method=GET :scheme=http :authority=a :path=/',
    'HEADERS 3 end :method=GET :scheme=http :path=/a?b',
    'HEADERS 5 end :method=OPTIONS :scheme=http :authority=a :path=*',
    'HEADERS 7 :method=CONNECT :authority=b:1',
    'HEADERS 9 :method=CONNECT :scheme=http :authority=a :path=/ :protocol=ws',
  ])
})

test('row 211: extended CONNECT only where the server has said so', () => {
  const peer = new ServerPeer()
  expect(() => peer.open({ ...GET, method: 'CONNECT', protocol: 'ws' })).toThrow(
    expect.objectContaining({ code: 'INVALID_STATE' }),
  )
  expect(peer.send(settings([[8, 2]]))).toEqual(['GOAWAY 0 PROTOCOL_ERROR malformed SETTINGS'])
})

test('row 199: CONNECT with a length is the caller’s mistake', () => {
  const peer = new ServerPeer()
  const line = { ...GET, method: 'CONNECT', scheme: null, path: null }
  const open = (): unknown => peer.open(line, 0, new HeaderMap({ 'content-length': '5' }))
  expect(open).toThrow(expect.objectContaining({ code: 'UNEXPECTED_HEADER' }))
  expect(peer.written()).toEqual([])
  peer.open(line)
  expect(peer.written()).toEqual(['HEADERS 1 :method=CONNECT :authority=a'])
})

test('rows 174, 175 and 207: what belongs to HTTP/1 connections does not go out; te: trailers does', () => {
  const fields = new HeaderMap({
    connection: 'close, x-a',
    'keep-alive': '1',
    upgrade: 'h2c',
    'transfer-encoding': 'chunked',
    'x-a': '1',
    'x-b': '2',
    te: 'Trailers',
    host: 'b',
  })
  const peer = new ServerPeer()
  peer.open(GET, 0, fields)
  peer.open(GET, 0, new HeaderMap({ te: 'gzip' }))
  const [first, second] = peer.written()
  expect(first).toBe('HEADERS 1 end :method=GET :scheme=http :authority=a :path=/ x-b=2 te=Trailers')
  expect(second).toBe('HEADERS 3 end :method=GET :scheme=http :authority=a :path=/')
})

test('row 176: content-length where it is known, 0 where the method has content by its nature', () => {
  const said = (method: string, length: number, headers: HeaderMap = NO_FIELDS): string | undefined => {
    const peer = new ServerPeer()
    peer.open({ ...GET, method }, length, headers)
    return /content-length=\S+/.exec(peer.written()[0]!)?.[0]
  }
  for (const method of ['POST', 'PUT', 'PATCH']) expect(said(method, 0)).toBe('content-length=0')
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) expect(said(method, 0)).toBe(undefined)
  expect(said('GET', 5)).toBe('content-length=5')
  expect(said('POST', -1)).toBe(undefined)
  expect(said('POST', 5, new HeaderMap({ 'content-length': '5' }))).toBe('content-length=5')
})

describe('responses', () => {
  test('with a body, trailers, or neither', () => {
    expect(got(RESPONSE_TO_1)).toEqual(['HEAD 1 200'])
    expect(got(response(1, 200, [['content-length', '2']]), data(1, 'ok', { endStream: true }))).toEqual([
      'HEAD 1 200 body 2',
      'DATA 1 ok',
      'END 1',
    ])
    expect(got(response(1), data(1, 'a'), data(1), headers(1, [['sum', '1']], { endStream: true }))).toEqual([
      'HEAD 1 200 body null',
      'DATA 1 a',
      'END 1 sum=1',
    ])
  })

  test('row 221: trailers alone', () => {
    expect(got(response(1, 200, [['grpc-status', '0']], { endStream: true }))).toEqual(['HEAD 1 200'])
    expect(got(response(1), headers(1, [['grpc-status', '0']], { endStream: true }))).toEqual([
      'HEAD 1 200 body null',
      'END 1 grpc-status=0',
    ])
  })

  const bad: [string, Uint8Array[]][] = [
    ['no :status', [headers(1, [['a', 'b']])]],
    ['a :status that is none', [response(1, '20')]],
    ['a :status that is no number', [response(1, 'abc')]],
    [':status twice', [response(1, 200, [[':status', '200']])]],
    [
      'a pseudo-header field of requests',
      [
        headers(1, [
          [':status', '200'],
          [':path', '/'],
        ]),
      ],
    ],
    ['a field of HTTP/1 connections', [response(1, 200, [['connection', 'close']])]],
    ['an upper-case name', [response(1, 200, [['A', 'b']])]],
    ['101', [response(1, 101)]],
    ['an interim response that ends the stream', [response(1, 103, [], { endStream: true })]],
    ['row 214: a length and END_STREAM', [response(1, 200, [['content-length', '1']], { endStream: true })]],
    [
      'row 215: less than its length',
      [response(1, 200, [['content-length', '3']]), data(1, 'ab', { endStream: true })],
    ],
    ['row 215: more than its length', [response(1, 200, [['content-length', '1']]), data(1, 'ab')]],
    [
      'two lengths',
      [
        response(1, 200, [
          ['content-length', '1'],
          ['content-length', '1'],
        ]),
      ],
    ],
    ['row 222: trailers without END_STREAM', [response(1), headers(1, [['a', 'b']])]],
    ['row 222: trailers with :status', [response(1), headers(1, [[':status', '200']], { endStream: true })]],
    ['DATA before the head', [data(1, 'x')]],
    ['empty DATA before the head', [data(1, '', { endStream: true })]],
    ['trailers before the head', [headers(1, [['a', 'b']], { endStream: true })]],
    ['row 239: a stream that depends on itself', [response(1, 200, [], { priority: { dependency: 1 } })]],
  ]
  test.each(bad)('%s', (_name, wire) => {
    const lines = got(...wire)
    expect(lines).toContain('RST_STREAM 1 PROTOCOL_ERROR')
    expect(lines.at(-1)).toBe('RESET 1 STREAM_RESET PROTOCOL_ERROR')
  })

  test('row 254: a list over the limit', () => {
    const lines = got(response(1, 200, Array(200).fill(['a', 'b']) as FrameField[]))
    expect(lines).toContain('RST_STREAM 1 PROTOCOL_ERROR')
    expect(lines.at(-1)).toBe('RESET 1 HEAD_TOO_LARGE PROTOCOL_ERROR')
  })

  test('row 216: the connection goes on after a malformed head, and late frames are dropped', () => {
    const peer = new ServerPeer()
    peer.open()
    peer.written()
    expect(
      peer.send(response(1, 'x'), data(1, 'late'), headers(1, [['a', 'b']], { endStream: true }), rst(1)),
    ).toEqual(['RST_STREAM 1 PROTOCOL_ERROR'])
    peer.told()
    peer.open()
    peer.send(response(3, 200, [], { endStream: true }))
    expect(peer.told()).toEqual(['HEAD 3 200'])
    expect(peer.machine.streams.size).toBe(0)
  })

  test('row 213: HEAD: a length without a body, and an end by an empty frame', () => {
    for (const ends of [true, false]) {
      const peer = new ServerPeer()
      peer.open({ ...GET, method: 'HEAD' })
      peer.send(response(1, 200, [['content-length', '9']], { endStream: ends }))
      if (!ends) peer.send(data(1, '', { endStream: true }))
      expect(peer.told().join()).toMatch(ends ? /^HEAD 1 200$/ : /^HEAD 1 200 body 0,END 1$/)
      expect(peer.machine.streams.size).toBe(0)
    }
  })

  test.each(['204', '304'])('row 214: %s may say a length', (status) => {
    expect(got(response(1, status, [['content-length', '9']], { endStream: true }))).toEqual([
      `HEAD 1 ${status}`,
    ])
  })

  test('row 286: interim responses before the final one, up to a limit', () => {
    expect(got(response(1, 100), response(1, 103, [['link', 'x']]), RESPONSE_TO_1)).toEqual([
      'INFO 1 100',
      'INFO 1 103 link=x',
      'HEAD 1 200',
    ])
    const many = Array.from({ length: 33 }, () => response(1, 103))
    expect(got(...many.slice(1), RESPONSE_TO_1).at(-1)).toBe('HEAD 1 200')
    expect(got(...many)).toContain('RST_STREAM 1 CANCEL')
    expect(got(response(1), response(1, 103)).at(-1)).toBe('RESET 1 STREAM_RESET PROTOCOL_ERROR')
  })

  test('row 255: over four times the limit of a list', () => {
    const peer = new ServerPeer({ maxHeaderListSize: 1_000 })
    peer.open()
    peer.written()
    expect(peer.send(response(1, 200, [['a', 'x'.repeat(4_000)]]))).toEqual([
      'GOAWAY 0 ENHANCE_YOUR_CALM header_list_way_too_large',
    ])
  })
})

describe('row 218: what a server cannot send', () => {
  const cases: [string, Uint8Array[], RegExp][] = [
    ['HEADERS on an odd stream that was never opened', [response(5)], /^GOAWAY 0 PROTOCOL_ERROR/],
    ['HEADERS on an even stream', [response(2)], /^GOAWAY 0 PROTOCOL_ERROR/],
    ['HEADERS on a stream that is done', [RESPONSE_TO_1, RESPONSE_TO_1], /^GOAWAY 0 STREAM_CLOSED/],
    ['DATA on one that was never opened', [data(3, 'x')], /^GOAWAY 0 PROTOCOL_ERROR/],
    ['DATA on an even one', [data(2, 'x')], /^GOAWAY 0 PROTOCOL_ERROR/],
    ['DATA on one that is done', [RESPONSE_TO_1, data(1, 'x')], /^GOAWAY 0 STREAM_CLOSED/],
    ['row 219: RST_STREAM on one that was never opened', [rst(3)], /^GOAWAY 0 PROTOCOL_ERROR/],
    ['row 219: WINDOW_UPDATE on one that was never opened', [windowUpdate(3, 1)], /^GOAWAY 0 PROTOCOL_ERROR/],
    [
      'rows 281 to 284: PUSH_PROMISE',
      [frames.pushPromise(1, 2, [])],
      /^GOAWAY 0 PROTOCOL_ERROR PUSH_PROMISE$/,
    ],
    ['row 281: SETTINGS_ENABLE_PUSH of 1', [settings({ enablePush: 1 })], /^GOAWAY 0 PROTOCOL_ERROR/],
    [
      'the bytes of HTTP/1',
      [new Uint8Array(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
      /^GOAWAY 0 (FRAME_SIZE|PROTOCOL)_ERROR/,
    ],
  ]
  test.each(cases)('%s', (_name, wire, goaway) => {
    expect(got(...wire).find((line) => line.startsWith('GOAWAY'))).toMatch(goaway)
  })

  test('row 191: a server that speaks HTTP/1 only', () => {
    const peer = new ServerPeer({}, null)
    expect(
      peer.send(new Uint8Array(Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')))[0],
    ).toMatch(/^GOAWAY 0 /)
    expect(peer.told()[0]).toMatch(/^FAILED H2_CONNECTION/)
  })
})

test('row 220: a reset right after the head: both go out, in that order', () => {
  const peer = new ServerPeer()
  const stream = peer.open(POST, -1)
  peer.machine.sendData(stream, new Uint8Array(5))
  peer.machine.reset(stream)
  expect(peer.written().map((line) => line.slice(0, 12))).toEqual(['HEADERS 1 :m', 'RST_STREAM 1'])
})

test('row 217: ids run out', () => {
  const peer = new ServerPeer()
  peer.machine.nextId = 2_147_483_647
  expect(peer.machine.capacity).toBeGreaterThan(0)
  peer.open()
  expect(peer.written()[0]).toMatch(/^HEADERS 2147483647 end/)
  expect(peer.machine.capacity).toBe(0)
  expect(peer.machine.isUsedUp).toBe(true)
  expect(() => peer.open()).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
})

describe('how many streams', () => {
  test('row 226: 100 until the server has spoken; then what it says, and no limit when it says nothing', () => {
    const peer = new ServerPeer({ initialMaxSendStreams: 3 }, null)
    expect(peer.machine.capacity).toBe(3)
    for (let i = 0; i < 3; i++) peer.open()
    expect(() => peer.open()).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
    peer.send(settings())
    expect(peer.told()).toEqual(['CAPACITY'])
    expect(peer.machine.capacity).toBe(Infinity)
    const limited = new ServerPeer({}, settings({ maxConcurrentStreams: 2 }))
    expect(limited.machine.capacity).toBe(2)
    limited.send(settings())
    expect(limited.machine.capacity).toBe(2)
  })

  test('row 224: a limit that is lowered', () => {
    const peer = new ServerPeer({}, settings({ maxConcurrentStreams: 3 }))
    peer.open()
    peer.open()
    peer.send(settings({ maxConcurrentStreams: 1 }))
    expect(peer.machine.capacity).toBe(0)
    peer.send(RESPONSE_TO_1)
    expect(peer.machine.capacity).toBe(0)
    peer.send(response(3, 200, [], { endStream: true }))
    expect(peer.machine.capacity).toBe(1)
  })

  test('row 228: a reset from either side frees its place at once', () => {
    const peer = new ServerPeer({}, settings({ maxConcurrentStreams: 1 }))
    peer.machine.reset(peer.open())
    expect(peer.machine.capacity).toBe(1)
    peer.open()
    expect(peer.machine.capacity).toBe(0)
    peer.send(rst(3, 'REFUSED_STREAM'))
    expect(peer.told()).toEqual(['RESET 3 STREAM_RESET REFUSED_STREAM retryable'])
    expect(peer.machine.capacity).toBe(1)
  })
})

describe('GOAWAY from the server', () => {
  test('row 246: streams up to its number finish, those beyond may be tried again, none begins', () => {
    const peer = new ServerPeer()
    for (let i = 0; i < 3; i++) peer.open()
    peer.send(goAway(3, 'NO_ERROR', 'bye'))
    expect(peer.told()).toEqual(['CAPACITY', 'RESET 5 GOAWAY NO_ERROR retryable'])
    expect(peer.machine.capacity).toBe(0)
    expect(peer.machine.isUsedUp).toBe(true)
    peer.send(RESPONSE_TO_1, response(3), data(3, 'x', { endStream: true }))
    expect(peer.told()).toEqual(['HEAD 1 200', 'HEAD 3 200 body null', 'DATA 3 x', 'END 3', 'CLOSED'])
  })

  test('row 246: a later one with a higher number', () => {
    const peer = new ServerPeer()
    peer.open()
    peer.written()
    peer.send(goAway(1))
    expect(peer.send(goAway(3))).toEqual([
      'GOAWAY 0 PROTOCOL_ERROR GOAWAY with a higher last stream than before',
    ])
  })

  test('row 245: with a reason', () => {
    const peer = new ServerPeer()
    peer.open()
    peer.send(goAway(0, 'ENHANCE_YOUR_CALM', 'too_many_pings'))
    expect(peer.told()).toEqual(['CAPACITY', 'RESET 1 GOAWAY ENHANCE_YOUR_CALM retryable', 'CLOSED'])
  })

  test('rows 248, 249: the server ends its half with and without one', () => {
    const peer = new ServerPeer()
    peer.open()
    peer.end()
    expect(peer.told()).toEqual(['FAILED INCOMPLETE_MESSAGE', 'CLOSED'])
    expect(() => peer.open()).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
    const idle = new ServerPeer()
    idle.send(goAway(0))
    expect(idle.told()).toEqual(['CAPACITY', 'CLOSED'])
  })
})

describe('clocks', () => {
  test('row 183: keep-alive pings, while idle only if asked', () => {
    const peer = new ServerPeer({ keepAliveInterval: 1_000, keepAliveTimeout: 300 })
    expect(peer.after(10_000)).toEqual([])
    peer.open()
    peer.written()
    expect(peer.after(999)).toEqual([])
    expect(peer.after(1)).toEqual(['PING hyperka'])
    expect(peer.send(ping('hyperka\x01', true))).toEqual([])
    expect(peer.after(1_000)).toEqual(['PING hyperka'])
    expect(peer.after(300)).toEqual(['GOAWAY 0 NO_ERROR ping timeout'])
    expect(peer.told()).toEqual(['FAILED PING_TIMEOUT', 'CLOSED'])
    const asked = new ServerPeer({ keepAliveInterval: 1_000, keepAliveWhileIdle: true })
    expect(asked.after(1_000)).toEqual(['PING hyperka'])
  })

  test('row 183: requests that keep beginning do not put the ping off', () => {
    const peer = new ServerPeer({ keepAliveInterval: 1_000, keepAliveTimeout: 300 })
    const lines: string[] = []
    for (let i = 0; i < 5 && peer.machine.failure === null; i++) {
      peer.open()
      peer.written()
      lines.push(...peer.after(400))
    }
    expect(lines).toContain('PING hyperka')
    expect(peer.told()).toContain('FAILED PING_TIMEOUT')
  })

  test('a response head within its time, from the end of the request', () => {
    const peer = new ServerPeer({ headersTimeout: 2_000 })
    const stream = peer.open(POST, -1)
    peer.written()
    expect(peer.after(5_000)).toEqual([])
    peer.machine.sendEnd(stream, null)
    expect(peer.after(1_000)).toEqual(['DATA 1 end'])
    expect(peer.after(2_500)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told()).toEqual(['RESET 1 HEADERS_TIMEOUT'])
  })

  test('silence inside of a body', () => {
    const peer = new ServerPeer({ bodyIdleTimeout: 2_000 })
    peer.open()
    peer.written()
    peer.send(response(1), data(1, 'x'))
    expect(peer.after(3_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told().at(-1)).toBe('RESET 1 BODY_TIMEOUT')
  })

  test('a tunnel that is open may be silent', () => {
    const peer = new ServerPeer({ bodyIdleTimeout: 2_000 })
    peer.open({ ...GET, method: 'CONNECT', scheme: null, path: null })
    peer.written()
    peer.send(response(1))
    expect(peer.after(100_000)).toEqual([])
    expect(peer.machine.streams.size).toBe(1)
  })

  test('a server that takes nothing of a request', () => {
    const peer = new ServerPeer({}, settings({ initialWindowSize: 0 }))
    const stream = peer.open(POST, -1)
    peer.after(60_000)
    peer.machine.sendData(stream, new Uint8Array(3))
    expect(peer.after(29_000)).toEqual([])
    expect(peer.after(2_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told()).toEqual(['RESET 1 SEND_TIMEOUT'])
  })
})

test('row 189: a stream that nobody reads leaves the connection’s window to the others', () => {
  const peer = new ServerPeer({ initialStreamWindowSize: 65_535, initialConnectionWindowSize: 65_535 })
  peer.open()
  peer.open()
  peer.written()
  const { machine } = peer
  machine.receive(
    frames.join(response(1), ...Array.from({ length: 3 }, () => data(1, new Uint8Array(16_000)))),
    peer.now,
  )
  // Told, and not consumed.
  for (let i = 0; i < 5; i++) machine.nextEvent()
  expect(machine.unconsumed).toBe(48_000)
  expect(machine.receiveWindow.available).toBeGreaterThan(40_000)
})

test('row 277: credit of the connection is not held by streams that have not begun', () => {
  const peer = new ServerPeer({}, settings({ maxConcurrentStreams: 1 }))
  const stream = peer.open(POST, -1)
  expect(() => peer.open(POST, -1)).toThrow()
  peer.written()
  peer.machine.sendData(stream, new Uint8Array(65_535))
  expect(peer.written()).toHaveLength(4)
  expect(peer.machine.sendWindow).toBe(0)
})
