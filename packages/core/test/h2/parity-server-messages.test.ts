import { frames, type FrameField } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { NO_FIELDS, Peer } from './server-kit.ts'
import { HeaderMap } from '../../src/http/header-map.ts'

// What a server makes of the messages of its clients: rows 202 to 222 of the parity checklist, and RFC 9113 §8.

const { data, headers, request, response, settings } = frames

const GET: readonly FrameField[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':authority', 'a'],
  [':path', '/'],
]

/** What one HEADERS frame leads to: output and events. */
function asked(fields: readonly FrameField[], options = {}, endStream = true): string[] {
  const peer = new Peer(options)
  return [...peer.send(headers(1, fields, { endStream })), ...peer.told()]
}

const MALFORMED = ['RST_STREAM 1 PROTOCOL_ERROR']

test('row 202: a preface in any pieces; a wrong one; half of one', () => {
  const wire = frames.join(frames.preface, settings(), request(1))
  for (let cut = 1; cut < wire.length; cut++) {
    const peer = new Peer({}, null)
    peer.sendPieces([wire.subarray(0, cut), wire.subarray(cut)])
    expect(peer.told()).toEqual(['HEAD 1 GET /'])
  }
  const wrong = new Peer({}, null)
  expect(wrong.send(new Uint8Array(Buffer.from('PRI * HTTP/2.0\r\n\r\nXX')))).toEqual([
    'GOAWAY 0 PROTOCOL_ERROR not an HTTP/2 preface',
  ])
  expect(wrong.told()).toEqual(['FAILED H2_CONNECTION PROTOCOL_ERROR', 'CLOSED'])
  const half = new Peer({}, null)
  half.send(frames.preface.subarray(0, 9))
  expect(half.end()).toEqual([])
  expect(half.told()).toEqual(['CLOSED'])
})

test('row 202: the first frame is SETTINGS', () => {
  for (const first of [frames.ping(), frames.settingsAck(), request(1)]) {
    const peer = new Peer({}, null)
    expect(peer.send(frames.preface, first)).toEqual([
      'GOAWAY 0 PROTOCOL_ERROR the first frame is not SETTINGS',
    ])
  }
})

test('row 203: the settings that are configured are those that are sent', () => {
  const usual = new Peer().greeting
  expect(usual).toEqual([
    'SETTINGS streams=100 window=1048576 list=65536',
    `WINDOW_UPDATE 0 +${4 * 1_048_576 - 65_535}`,
    'SETTINGS ack',
  ])
  const options = {
    maxConcurrentStreams: 7,
    initialStreamWindowSize: 65_535,
    initialConnectionWindowSize: 65_535,
    maxFrameSize: 20_000,
    maxHeaderListSize: 1_000,
    headerTableSize: 100,
    enableConnectProtocol: true,
  }
  expect(new Peer(options).greeting).toEqual([
    'SETTINGS table=100 streams=7 frame=20000 list=1000 connect=1',
    'SETTINGS ack',
  ])
})

describe('row 208: fields of HTTP/1 connections are malformed', () => {
  test.each(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])(
    '%s',
    (name) => {
      expect(asked([...GET, [name, 'close']])).toEqual(MALFORMED)
    },
  )

  test('te says trailers or nothing', () => {
    expect(asked([...GET, ['te', 'trailers']])).toEqual(['HEAD 1 GET /'])
    expect(asked([...GET, ['te', 'gzip']])).toEqual(MALFORMED)
    expect(asked([...GET, ['te', 'trailers, gzip']])).toEqual(MALFORMED)
  })
})

describe('row 209: pseudo-header fields', () => {
  const without = (name: string): FrameField[] => GET.filter(([field]) => field !== name)
  const extended = (...more: FrameField[]): FrameField[] => [
    [':method', 'CONNECT'],
    [':protocol', 'ws'],
    ...more,
  ]
  const cases: [string, readonly FrameField[]][] = [
    ['an authority that is none', [...without(':authority'), [':authority', 'not an authority']]],
    ['an authority that is a URI', [...without(':authority'), [':authority', 'http://a']]],
    [':status', [...GET, [':status', '200']]],
    [':status of 1xx', [[':status', '100'], ...GET]],
    [':protocol without CONNECT', [[':protocol', 'ws'], ...GET]],
    ['extended CONNECT without :scheme', extended([':authority', 'a'], [':path', '/'])],
    ['extended CONNECT without :path', extended([':authority', 'a'], [':scheme', 'http'])],
    ['extended CONNECT without :authority', extended([':path', '/'], [':scheme', 'http'])],
    ['no :method', without(':method')],
    ['no :scheme', without(':scheme')],
    ['no :path', without(':path')],
    ['an empty :path', [...without(':path'), [':path', '']]],
    [':method twice', [[':method', 'GET'], ...GET]],
    [':scheme twice', [[':scheme', 'http'], ...GET]],
    [':path twice', [[':path', '/'], ...GET]],
    [':authority twice', [[':authority', 'a'], ...GET]],
    ['an unknown one', [[':test', 'x'], ...GET]],
    ['after a regular field', [...without(':path'), ['a', 'b'], [':path', '/']]],
    ['an asterisk without OPTIONS', [...without(':path'), [':path', '*']]],
    ['a relative path', [...without(':path'), [':path', 'x']]],
    ['a path with a blank', [...without(':path'), [':path', '/a b']]],
    ['a host that is not the authority', [...GET, ['host', 'b']]],
    ['two hosts', [...GET, ['host', 'a'], ['host', 'a']]],
    ['an upper-case name', [...GET, ['X-A', 'b']]],
    ['an empty name', [...GET, ['', 'b']]],
    ['a name with a blank', [...GET, ['a b', 'b']]],
    ['a value with NUL', [...GET, ['a', 'b\0c']]],
    ['a value with CR', [...GET, ['a', 'b\rc']]],
    ['a value with LF', [...GET, ['a', 'b\nc']]],
    ['a value with a blank in front', [...GET, ['a', ' b']]],
    ['a value with a blank behind', [...GET, ['a', 'b ']]],
  ]
  test.each(cases)('%s', (_name, fields) => {
    expect(asked(fields, { enableConnectProtocol: true })).toEqual(MALFORMED)
  })
})

test('row 210: a request without :authority', () => {
  const peer = new Peer()
  peer.send(headers(1, [GET[0]!, GET[1]!, GET[3]!], { endStream: true }))
  expect(peer.told()).toEqual(['HEAD 1 GET /'])
  expect(peer.machine.request!.headers.has('host')).toBe(false)
  peer.send(headers(3, [GET[0]!, GET[1]!, GET[3]!, ['host', 'b:1']], { endStream: true }))
  expect(peer.machine.request!.headers.get('host')).toBe('b:1')
  peer.send(headers(5, [...GET, ['host', 'A']], { endStream: true }))
  expect(peer.machine.request!.headers.get('host')).toBe('A')
})

test('row 211: extended CONNECT only where it was offered; and no other value than 0 and 1', () => {
  const connect: FrameField[] = [
    [':method', 'CONNECT'],
    [':protocol', 'websocket'],
    [':scheme', 'http'],
    [':authority', 'a'],
    [':path', '/chat'],
  ]
  expect(asked(connect, {}, false)).toEqual(MALFORMED)
  const peer = new Peer({ enableConnectProtocol: true })
  peer.send(headers(1, connect))
  expect(peer.told()).toEqual(['HEAD 1 CONNECT /chat'])
  expect(peer.machine.protocol).toBe('websocket')
  expect(new Peer().send(settings([[8, 2]]))).toEqual(['GOAWAY 0 PROTOCOL_ERROR malformed SETTINGS'])
})

test('row 212: GET and CONNECT', () => {
  expect(asked(GET)).toEqual(['HEAD 1 GET /'])
  const connect: FrameField[] = [
    [':method', 'CONNECT'],
    [':authority', 'a:443'],
  ]
  expect(asked(connect, {}, false)).toEqual(['HEAD 1 CONNECT a:443'])
  expect(asked([...connect, [':path', '/']])).toEqual(MALFORMED)
  expect(asked([...connect, [':scheme', 'http']])).toEqual(MALFORMED)
  expect(asked([[':method', 'CONNECT']])).toEqual(MALFORMED)
  expect(asked([...GET.slice(0, 3).with(0, [':method', 'OPTIONS']), [':path', '*']])).toEqual([
    'HEAD 1 OPTIONS *',
  ])
})

test('row 213: the answer to HEAD says a length and ends with its head', () => {
  const peer = new Peer()
  peer.send(request(1, [], { method: 'HEAD', endStream: true }))
  expect(peer.respond(1, 'twelve bytes')).toEqual(['HEADERS 1 end :status=200 content-length=12'])
})

describe('row 214: a length that the head contradicts', () => {
  test.each(['1', '-1', '1, 1', 'x', '+0', '99999999999999999999'])(
    'END_STREAM on HEADERS with content-length %s',
    (length) => {
      expect(asked([...GET, ['content-length', length]])).toEqual(MALFORMED)
    },
  )

  test('0 is right', () => {
    expect(asked([...GET, ['content-length', '0']])).toEqual(['HEAD 1 GET /'])
  })

  test('the same length twice is refused too', () => {
    expect(asked([...GET, ['content-length', '0'], ['content-length', '0']])).toEqual(MALFORMED)
  })
})

describe('row 215: DATA that does not add up to content-length', () => {
  const cases: [string, Uint8Array[]][] = [
    ['too much at once', [data(1, 'abcd', { endStream: true })]],
    ['too much in pieces', [data(1, 'ab'), data(1, 'cd')]],
    ['too little', [data(1, 'ab', { endStream: true })]],
    ['nothing', [data(1, '', { endStream: true })]],
    ['trailers too early', [data(1, 'ab'), headers(1, [['a', 'b']], { endStream: true })]],
  ]
  test.each(cases)('%s', (_name, wire) => {
    const peer = new Peer()
    peer.send(request(1, [['content-length', '3']], { method: 'POST' }))
    expect(peer.send(...wire)).toContain('RST_STREAM 1 PROTOCOL_ERROR')
    expect(peer.told().at(-1)).toBe('RESET 1 STREAM_RESET PROTOCOL_ERROR')
    peer.send(request(3))
    expect(peer.told()).toEqual(['HEAD 3 GET /'])
  })

  test('what adds up, with padding, in pieces and with trailers', () => {
    const peer = new Peer()
    peer.send(request(1, [['content-length', '3']], { method: 'POST' }))
    expect(peer.machine.bodyLength).toBe(3)
    peer.send(data(1, 'ab', { padding: 9 }), data(1, 'c'), headers(1, [['sum', '1']], { endStream: true }))
    expect(peer.told()).toEqual(['HEAD 1 POST /', 'DATA 1 ab', 'DATA 1 c', 'END 1 sum=1'])
  })
})

test('row 221: trailers alone, trailers at once, trailers behind data that is not read yet', () => {
  const peer = new Peer({ consumes: false })
  peer.send(request(1, [], { method: 'POST' }), headers(1, [['sum', '0']], { endStream: true }))
  expect(peer.told()).toEqual(['HEAD 1 POST /', 'END 1 sum=0'])
  peer.send(request(3, [], { method: 'POST' }), data(3, 'x'), headers(3, [['sum', '1']], { endStream: true }))
  expect(peer.told()).toEqual(['HEAD 3 POST /', 'DATA 3 x', 'END 3 sum=1'])
  expect(peer.begin(1)).toEqual(['HEADERS 1 :status=200'])
  peer.machine.sendEnd(peer.stream(1), new HeaderMap({ sum: '2' }))
  expect(peer.written()).toEqual(['HEADERS 1 end sum=2'])
  // An empty section is an end and nothing else.
  peer.begin(3)
  peer.machine.sendEnd(peer.stream(3), null)
  expect(peer.written()).toEqual(['DATA 3 end'])
})

describe('row 222: what trailers cannot be', () => {
  const cases: [string, Uint8Array][] = [
    ['no END_STREAM', headers(1, [['a', 'b']])],
    ['a pseudo-header field', headers(1, [[':method', 'GET']], { endStream: true })],
    ['an upper-case name', headers(1, [['A', 'b']], { endStream: true })],
    ['a field of HTTP/1 connections', headers(1, [['connection', 'close']], { endStream: true })],
  ]
  test.each(cases)('%s', (_name, trailers) => {
    const peer = new Peer()
    peer.send(request(1, [], { method: 'POST' }))
    expect(peer.send(trailers)).toEqual(MALFORMED)
    expect(peer.told()).toEqual(['HEAD 1 POST /', 'RESET 1 STREAM_RESET PROTOCOL_ERROR'])
  })

  test('more than the limit', () => {
    const peer = new Peer()
    peer.send(request(1, [], { method: 'POST' }))
    const trailers = Array(200).fill(['a', 'b']) as FrameField[]
    expect(peer.send(headers(1, trailers, { endStream: true }))).toEqual(MALFORMED)
    expect(peer.told()).toEqual(['HEAD 1 POST /', 'RESET 1 TRAILERS_TOO_LARGE PROTOCOL_ERROR'])
  })
})

test('row 238: a malformed request takes its number all the same; skipped numbers are used up', () => {
  const peer = new Peer()
  expect(peer.send(headers(3, [...GET, [':bad', '']], { endStream: true }))).toEqual([
    'RST_STREAM 3 PROTOCOL_ERROR',
  ])
  expect(peer.send(request(1))).toEqual(['GOAWAY 3 STREAM_CLOSED HEADERS on closed stream 1'])
  const again = new Peer({ answers: true })
  again.send(request(5))
  expect(again.send(request(5))).toEqual(['GOAWAY 5 STREAM_CLOSED HEADERS on closed stream 5'])
})

test('streams of even numbers are not the client’s to open', () => {
  expect(new Peer().send(request(2))).toEqual(['GOAWAY 0 PROTOCOL_ERROR HEADERS on stream 2'])
})

test('row 285: interim responses before the final one, and nothing else among them', () => {
  const peer = new Peer()
  peer.send(request(1))
  const stream = peer.stream(1)
  const { machine } = peer
  expect(machine.sendInformational(stream, 100, NO_FIELDS)).toBe(true)
  expect(machine.sendInformational(stream, 103, new HeaderMap({ link: '</a>' }))).toBe(true)
  expect(machine.sendInformational(stream, 103, new HeaderMap({ link: '</b>' }))).toBe(true)
  for (const status of [99, 101, 200, 404, 1_000, 100.5]) {
    expect(() => machine.sendInformational(stream, status, NO_FIELDS)).toThrow(/interim/)
  }
  expect([...peer.written(), ...peer.respond(1, 'ok')]).toEqual([
    'HEADERS 1 :status=100',
    'HEADERS 1 :status=103 link=</a>',
    'HEADERS 1 :status=103 link=</b>',
    'HEADERS 1 :status=200 content-length=2',
    'DATA 1 end ok',
  ])
  expect(machine.sendInformational(stream, 103, NO_FIELDS)).toBe(false)
  expect(peer.written()).toEqual([])
})

test('a final response is sent once, with a final status', () => {
  const peer = new Peer()
  peer.send(request(1))
  const stream = peer.stream(1)
  expect(() => peer.machine.sendHead(stream, 103, NO_FIELDS, 0, false)).toThrow(/final/)
  expect(() => peer.machine.sendHead(stream, 1_000, NO_FIELDS, 0, false)).toThrow(/final/)
  peer.begin(1)
  expect(() => peer.machine.sendHead(stream, 200, NO_FIELDS, 0, false)).toThrow(/no head/)
  expect(peer.written()).toEqual([])
})

test('a response is no request', () => {
  expect(new Peer().send(response(1))).toEqual(MALFORMED)
})

test('cookie crumbs are put together', () => {
  const peer = new Peer()
  peer.send(
    request(1, [
      ['cookie', 'a=1'],
      ['x', 'y'],
      ['cookie', 'b=2'],
      ['cookie', 'c=3'],
    ]),
  )
  expect([...peer.machine.request!.headers]).toEqual([
    ['host', 'a'],
    ['cookie', 'a=1; b=2; c=3'],
    ['x', 'y'],
  ])
})

test('row 199: CONNECT with content is malformed; a length of 0 says nothing about the tunnel', () => {
  const connect = (length: string): FrameField[] => [
    [':method', 'CONNECT'],
    [':authority', 'a:1'],
    ['content-length', length],
  ]
  expect(asked(connect('1'), {}, false)).toEqual(MALFORMED)
  const peer = new Peer()
  peer.send(headers(1, connect('0')), data(1, 'through'))
  expect(peer.told()).toEqual(['HEAD 1 CONNECT a:1', 'DATA 1 through'])
})
