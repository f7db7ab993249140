import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import {
  CLOSED,
  HALF_CLOSED_LOCAL,
  HALF_CLOSED_REMOTE,
  IDLE,
  mayReceive,
  maySend,
  nextStreamState,
  OPEN,
  OPENED,
  RECEIVED_END,
  RESET,
  SENT_END,
  type StreamEvent,
  type StreamState,
} from '../../src/h2/streams/state.ts'
import { Stream } from '../../src/h2/streams/stream.ts'
import { Peer } from './server-kit.ts'

// States of streams, what may arrive in each, resets, and the two ends of a connection: rows 232 to 252 and 281 to 290
// of the parity checklist, as far as a machine shows them.

const { continuation, data, goAway, headers, ping, priority, request, rst, settings, windowUpdate } = frames

const POST = { method: 'POST' } as const

describe('the table of stream states (RFC 9113 §5.1), every cell', () => {
  const NO = -1
  const table: [StreamState, string, number[]][] = [
    [IDLE, 'IDLE', [OPEN, NO, NO, CLOSED]],
    [OPEN, 'OPEN', [NO, HALF_CLOSED_REMOTE, HALF_CLOSED_LOCAL, CLOSED]],
    [HALF_CLOSED_REMOTE, 'HALF_CLOSED_REMOTE', [NO, NO, CLOSED, CLOSED]],
    [HALF_CLOSED_LOCAL, 'HALF_CLOSED_LOCAL', [NO, CLOSED, NO, CLOSED]],
    [CLOSED, 'CLOSED', [NO, NO, NO, CLOSED]],
  ]
  const events: StreamEvent[] = [OPENED, RECEIVED_END, SENT_END, RESET]
  test.each(table)('%i is %s', (state, name, next) => {
    expect(events.map((event) => nextStreamState(state, event))).toEqual(next)
    for (const event of events) {
      const stream = new Stream(1, 0, 0)
      stream.state = state
      if (next[event] === NO) expect(() => stream.move(event)).toThrow(name)
      else {
        stream.move(event)
        expect(stream.state).toBe(next[event])
      }
    }
    expect(mayReceive(state)).toBe(state === OPEN || state === HALF_CLOSED_LOCAL)
    expect(maySend(state)).toBe(state === OPEN || state === HALF_CLOSED_REMOTE)
  })
})

/** A peer with stream 1 in a state. Stream 3 has not begun. */
const states: Record<string, () => Peer> = {
  idle: () => new Peer(),
  open: () => made(request(1, [], POST)),
  'half-closed (remote)': () => made(request(1)),
  'half-closed (local)': () => respondedTo(made(request(1, [], POST))),
  'closed by both ends': () => respondedTo(made(request(1))),
  'closed by our reset': () => {
    const peer = made(request(1, [], POST))
    peer.machine.reset(peer.stream(1))
    peer.written()
    return peer
  },
  'closed by their reset': () => made(request(1, [], POST), rst(1)),
}

function made(...wire: Uint8Array[]): Peer {
  const peer = new Peer()
  peer.send(...wire)
  peer.told()
  return peer
}

function respondedTo(peer: Peer): Peer {
  peer.respond(1)
  return peer
}

const IDLE_ERROR = /^GOAWAY 0 PROTOCOL_ERROR/
const CLOSED_ERROR = /^GOAWAY 1 STREAM_CLOSED/
const STREAM_ERROR = /^RST_STREAM 1 STREAM_CLOSED$/
/** Nothing is written, and the connection goes on. */
const FINE = /^$/

describe('what may arrive in which state', () => {
  const arrivals: Record<string, Uint8Array> = {
    DATA: data(1, 'x'),
    'DATA with the end': data(1, 'x', { endStream: true }),
    HEADERS: headers(1, [['a', 'b']], { endStream: true }),
    RST_STREAM: rst(1),
    WINDOW_UPDATE: windowUpdate(1, 5),
    PRIORITY: priority(1, 7),
    PRIORITY_UPDATE: frames.priorityUpdate(1, 'u=2'),
    CONTINUATION: continuation(1),
    'an unknown frame': frames.raw(0x33, 0xff, 1, 'abc'),
  }
  const table: [string, Record<string, RegExp>][] = [
    [
      'idle',
      {
        DATA: IDLE_ERROR,
        'DATA with the end': IDLE_ERROR,
        RST_STREAM: IDLE_ERROR,
        WINDOW_UPDATE: IDLE_ERROR,
        HEADERS: /^RST_STREAM 1 PROTOCOL_ERROR$/,
      },
    ],
    ['open', {}],
    [
      'half-closed (remote)',
      { DATA: STREAM_ERROR, 'DATA with the end': STREAM_ERROR, HEADERS: STREAM_ERROR },
    ],
    ['half-closed (local)', {}],
    ['closed by both ends', { DATA: CLOSED_ERROR, 'DATA with the end': CLOSED_ERROR, HEADERS: CLOSED_ERROR }],
    ['closed by our reset', {}],
    [
      'closed by their reset',
      { DATA: CLOSED_ERROR, 'DATA with the end': CLOSED_ERROR, HEADERS: CLOSED_ERROR },
    ],
  ]
  for (const [state, exceptions] of table) {
    for (const [name, wire] of Object.entries(arrivals)) {
      const expected =
        name === 'CONTINUATION'
          ? /^GOAWAY \d PROTOCOL_ERROR CONTINUATION without HEADERS$/
          : (exceptions[name] ?? FINE)
      test(`${state}: ${name}`, () => {
        const peer = states[state]!()
        expect(peer.send(wire).join()).toMatch(expected)
        if (expected !== FINE) return
        peer.told()
        peer.send(request(5))
        expect(peer.told()).toEqual(['HEAD 5 GET /'])
      })
    }
  }
})

describe('where frames must not stand', () => {
  const onZero: [string, Uint8Array][] = [
    ['DATA', data(0, 'x')],
    ['HEADERS', request(0)],
    ['PRIORITY', priority(0, 1)],
    ['RST_STREAM', rst(0)],
    ['CONTINUATION', continuation(0)],
  ]
  test.each(onZero)('%s on stream 0', (_name, wire) => {
    expect(new Peer().send(wire)).toEqual(['GOAWAY 0 PROTOCOL_ERROR malformed frame'])
  })

  test.each([
    ['SETTINGS', 4, ''],
    ['PING', 6, '01234567'],
    ['GOAWAY', 7, '\0\0\0\0\0\0\0\0'],
  ])('row 290: %s on a stream', (_name, kind, payload) => {
    expect(made(request(1)).send(frames.raw(kind, 0, 1, payload))).toEqual([
      'GOAWAY 1 PROTOCOL_ERROR malformed frame',
    ])
  })

  test('row 289: any other frame inside of a header block', () => {
    const others = [
      data(1),
      request(3),
      priority(1, 0),
      rst(1),
      settings(),
      ping(),
      goAway(),
      windowUpdate(0, 1),
      frames.raw(0x33, 0, 1),
      continuation(3),
    ]
    for (const other of others) {
      const peer = new Peer()
      expect(peer.send(request(1, [], { endHeaders: false }), other)).toEqual([
        'GOAWAY 0 PROTOCOL_ERROR a frame inside of a field block',
      ])
    }
  })

  test('row 289: unknown frames, flags, settings and reasons are ignored, and so are reserved bits', () => {
    const peer = new Peer()
    expect(peer.send(frames.raw(0x33, 0xff, 0, 'abc'), settings([[0x99, 7]]))).toEqual(['SETTINGS ack'])
    expect(peer.send(frames.raw(6, 0xfe, 0, '01234567'))).toEqual(['PING ack 01234567'])
    peer.send(request(1, [], POST), rst(1, 0x1234))
    expect(peer.told()).toEqual(['HEAD 1 POST /', 'RESET 1 STREAM_RESET 0x1234'])
    const reserved = request(3)
    reserved[5] = 0x80
    peer.send(reserved, goAway(0, 0x1234))
    expect(peer.told()).toEqual(['HEAD 3 GET /'])
  })

  test('row 239: a stream that depends on itself is reset, and the connection lives', () => {
    const peer = new Peer()
    expect(peer.send(request(1, [], { priority: { dependency: 1 } }))).toEqual([
      'RST_STREAM 1 PROTOCOL_ERROR',
    ])
    expect(peer.send(request(3, [], POST), priority(3, 3))).toEqual(['RST_STREAM 3 PROTOCOL_ERROR'])
    peer.told()
    peer.send(request(5, [], { priority: { dependency: 3, weight: 256, isExclusive: true } }))
    expect(peer.told()).toEqual(['HEAD 5 GET /'])
  })

  test('rows 281 to 284: PUSH_PROMISE from a client', () => {
    expect(new Peer().send(frames.pushPromise(1, 2, []))).toEqual(['GOAWAY 0 PROTOCOL_ERROR PUSH_PROMISE'])
  })

  test('row 290: SETTINGS that cannot be', () => {
    const cases: [Uint8Array, string][] = [
      [frames.raw(4, 1, 0, 'xxxxxx'), 'FRAME_SIZE_ERROR malformed frame'],
      [frames.raw(4, 0, 0, 'xxxxx'), 'FRAME_SIZE_ERROR malformed frame'],
      [settings({ enablePush: 2 }), 'PROTOCOL_ERROR malformed SETTINGS'],
      [settings({ enableConnectProtocol: 2 }), 'PROTOCOL_ERROR malformed SETTINGS'],
      [settings({ maxFrameSize: 16_383 }), 'PROTOCOL_ERROR malformed SETTINGS'],
      [settings({ maxFrameSize: 16_777_216 }), 'PROTOCOL_ERROR malformed SETTINGS'],
      [frames.settingsAck(), 'PROTOCOL_ERROR SETTINGS acknowledged that were not sent'],
    ]
    for (const [wire, error] of cases) expect(new Peer().send(wire)).toEqual([`GOAWAY 0 ${error}`])
  })

  test('header blocks that cannot be decoded', () => {
    const blocks = [
      [0x80],
      [0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
      [0x82, 0x20],
      [0x3f, 0xff, 0xff, 0x7f],
      [0x00, 0x81, 0xff],
    ]
    for (const block of blocks) {
      expect(new Peer().send(headers(1, Uint8Array.from(block), { endStream: true }))[0]).toMatch(
        /^GOAWAY 0 COMPRESSION_ERROR /,
      )
    }
  })

  test('row 294: a malformed or refused block still counts for the table', () => {
    const peer = new Peer({ maxConcurrentStreams: 1 })
    peer.send(headers(1, [['A', 'b', 'index']], { endStream: true }))
    peer.send(request(3, [], POST))
    peer.send(request(5, [['x-refused', '1', 'index']]))
    peer.send(rst(3))
    // The newest entry is 62.
    peer.send(
      headers(
        7,
        frames.join(
          frames.block([
            [':method', 'GET'],
            [':scheme', 'http'],
            [':path', '/'],
          ]),
          Uint8Array.of(0xbe),
        ),
        { endStream: true },
      ),
    )
    expect(peer.machine.request!.headers.get('x-refused')).toBe('1')
  })
})

test('row 287: pings are answered in order, before what waits for credit', () => {
  const peer = new Peer({}, settings({ initialWindowSize: 0 }))
  peer.send(request(1))
  peer.begin(1)
  peer.machine.sendData(peer.stream(1), new Uint8Array(3))
  expect(peer.send(windowUpdate(1, 3), ping('aaaaaaaa'), ping('bbbbbbbb'))).toEqual([
    'PING ack aaaaaaaa',
    'PING ack bbbbbbbb',
    'DATA 1 \0\0\0',
  ])
  expect(peer.send(ping('aaaaaaaa', true))).toEqual([])
})

describe('row 237: after our reset', () => {
  test('what was under way is dropped', () => {
    const peer = states['closed by our reset']!()
    expect(
      peer.send(data(1, 'late'), headers(1, [['sum', '1']], { endStream: true }), windowUpdate(1, 1), rst(1)),
    ).toEqual([])
    expect(peer.told()).toEqual([])
  })

  test('the last 128 resets are remembered', () => {
    const peer = new Peer({ maxConcurrentStreams: 1_000 })
    for (let id = 1; id < 2 * 130; id += 2) {
      peer.send(request(id, [], POST))
      peer.machine.reset(peer.stream(id))
    }
    peer.written()
    expect(peer.send(data(2 * 130 - 1, 'x'), data(7, 'x'), data(5, 'x'))).toEqual([])
    expect(peer.send(data(3, 'x'))).toEqual(['GOAWAY 259 STREAM_CLOSED 1 bytes of DATA on closed stream 3'])
  })
})

test('row 236: what was complete before a reset stays complete, with the reason', () => {
  const peer = made(request(1, [], POST))
  peer.send(data(1, 'all', { endStream: true }), rst(1, 'CANCEL'))
  expect(peer.told()).toEqual(['DATA 1 all', 'END 1', 'RESET 1 STREAM_RESET CANCEL'])
})

test('row 241: WINDOW_UPDATE for streams that are closed', () => {
  for (const state of ['closed by both ends', 'closed by our reset', 'closed by their reset']) {
    const peer = states[state]!()
    expect(peer.send(windowUpdate(1, 2_147_483_647), windowUpdate(1, 0))).toEqual([])
  }
})

test('row 242: odd sequences around a reset', () => {
  const parts = [
    data(1, 'x'),
    data(1, '', { endStream: true }),
    rst(1),
    windowUpdate(1, 9),
    priority(1, 0),
    headers(1, [['a', 'b']], { endStream: true }),
    settings({ initialWindowSize: 0 }),
  ]
  for (const first of parts) {
    for (const second of parts) {
      for (const third of parts) {
        const peer = made(request(1, [], POST), first)
        if (peer.machine.streams.has(1)) peer.respond(1, 'answer')
        peer.send(second, third)
        peer.end()
      }
    }
  }
})

test('row 251: streams that are closed are not kept', () => {
  const peer = new Peer({ answers: true })
  for (let id = 1; id < 2_000; id += 2) peer.send(request(id))
  expect(peer.machine.streams.size).toBe(0)
  expect(peer.machine.peerStreams).toBe(0)
  expect(peer.machine.unconsumed + peer.machine.queued).toBe(0)
})

describe('the end of a connection', () => {
  const SHUTDOWN_ACK = ping('hypersd\x03', true)

  test('row 243: GOAWAY in two phases', () => {
    const peer = new Peer()
    peer.send(request(1), request(3))
    peer.machine.shutdown()
    peer.machine.shutdown()
    expect(peer.written()).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING hypersd'])
    // Under way before the client has read it.
    peer.send(request(5))
    expect(peer.send(SHUTDOWN_ACK)).toEqual(['GOAWAY 5 NO_ERROR'])
    peer.told()
    expect(peer.send(request(7), data(7, 'x'), rst(7), windowUpdate(7, 1))).toEqual([])
    expect(peer.told()).toEqual([])
    for (const id of [5, 1]) expect(peer.respond(id)).toEqual([`HEADERS ${id} end :status=200`])
    expect(peer.machine.isFinished).toBe(false)
    peer.respond(3)
    peer.pump()
    expect(peer.told()).toEqual(['CLOSED'])
    expect(peer.machine.isFinished).toBe(true)
  })

  test('row 243: the same when the client has said GOAWAY; at once when nothing runs', () => {
    const peer = made(request(1), goAway())
    peer.machine.shutdown()
    expect(peer.written()).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING hypersd'])
    const idle = new Peer()
    idle.machine.shutdown()
    expect(idle.pump()).toEqual(['GOAWAY 0 NO_ERROR'])
    expect(idle.told()).toEqual(['CLOSED'])
  })

  test('row 243: a client that does not answer the ping is not waited for', () => {
    const peer = made(request(1))
    peer.machine.shutdown()
    peer.written()
    peer.respond(1)
    expect(peer.after(9_999)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 1 NO_ERROR'])
    expect(peer.told()).toEqual(['CLOSED'])
  })

  test('row 244: the client’s GOAWAY ends no stream of its own', () => {
    const peer = made(request(1, [], POST), goAway(0, 'NO_ERROR', 'bye'))
    peer.send(data(1, 'x', { endStream: true }))
    expect(peer.told()).toEqual(['DATA 1 x', 'END 1'])
    expect(peer.respond(1)).toEqual(['HEADERS 1 end :status=200'])
  })

  test('row 246: a later GOAWAY with a higher number', () => {
    const peer = made(goAway(4), goAway(2))
    expect(peer.send(goAway(4))).toEqual([
      'GOAWAY 0 PROTOCOL_ERROR GOAWAY with a higher last stream than before',
    ])
  })

  test('row 245: a failure names the last stream and says so once', () => {
    const peer = made(request(1), request(3))
    expect(peer.send(windowUpdate(0, 0))).toEqual(['GOAWAY 3 PROTOCOL_ERROR WINDOW_UPDATE of 0'])
    expect(peer.told()).toEqual(['FAILED H2_CONNECTION PROTOCOL_ERROR', 'CLOSED'])
    peer.machine.shutdown()
    expect(peer.send(request(5), windowUpdate(0, 0))).toEqual([])
    expect(peer.machine.nextDeadline).toBe(Infinity)
  })

  test('row 249: a client that ends its half', () => {
    const idle = new Peer()
    expect(idle.end()).toEqual([])
    expect(idle.told()).toEqual(['CLOSED'])
    const busy = made(request(1))
    expect(busy.end()).toEqual(['GOAWAY 1 NO_ERROR'])
    expect(busy.told()).toEqual(['FAILED INCOMPLETE_MESSAGE', 'CLOSED'])
    const halfway = new Peer()
    halfway.send(request(1).subarray(0, 12))
    expect(halfway.end()).toEqual([])
    expect(halfway.told()).toEqual(['CLOSED'])
  })

  test('maxRequests: after so many the connection ends in good order', () => {
    const peer = new Peer({ maxRequests: 2, answers: true })
    expect(peer.send(request(1))).toEqual(['HEADERS 1 end :status=200'])
    expect(peer.send(request(3))).toEqual([
      'GOAWAY 2147483647 NO_ERROR',
      'PING hypersd',
      'HEADERS 3 end :status=200',
    ])
    expect(peer.send(SHUTDOWN_ACK)).toEqual(['GOAWAY 3 NO_ERROR'])
    expect(peer.told().at(-1)).toBe('CLOSED')
  })
})
