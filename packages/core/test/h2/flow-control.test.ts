import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { HeaderMap } from '../../src/http/header-map.ts'
import { Peer, type PeerOptions } from './server-kit.ts'

// Credit both ways (RFC 9113 §5.2, §6.9): rows 264 to 280 of the parity checklist, and the books: what a peer was given
// is what it has used, what is held, and what is left.

const { data, headers, request, rst, settings, windowUpdate } = frames

const POST = { method: 'POST' } as const
const K64 = 65_535
/** The smallest windows there are. */
const SMALL: PeerOptions = { initialStreamWindowSize: K64, initialConnectionWindowSize: K64 }

function posted(options: PeerOptions = SMALL, wire: Uint8Array = settings()): Peer {
  const peer = new Peer(options, wire)
  peer.send(request(1, [], POST))
  return peer
}

/** A server that has `size` bytes to send on each of the streams. */
function sending(size: number, wire: Uint8Array, ...ids: number[]): { peer: Peer; lines: string[] } {
  const peer = new Peer({}, wire)
  const lines: string[] = []
  for (const id of ids) {
    peer.send(request(id))
    peer.begin(id)
    peer.machine.sendData(peer.stream(id), new Uint8Array(size))
    lines.push(...peer.written())
  }
  return { peer, lines }
}

/** Credit that the connection has given and not been asked for: all that was received is owed or given back already. */
function connectionCredit(peer: Peer): number {
  const { receiveWindow } = peer.machine
  const owed =
    (receiveWindow as unknown as { owed: number }).owed + (peer.machine as unknown as { owed: number }).owed
  return receiveWindow.available + owed
}

describe('what we receive', () => {
  test('row 266: credit is announced in halves of the window, for the stream and the connection', () => {
    const peer = posted()
    expect(peer.send(data(1, new Uint8Array(16_384)))).toEqual([])
    expect(peer.send(data(1, new Uint8Array(16_383)))).toEqual([])
    expect(peer.send(data(1, new Uint8Array(1)))).toEqual([
      'WINDOW_UPDATE 0 +32768',
      'WINDOW_UPDATE 1 +32768',
    ])
    expect(peer.stream(1).receiveWindow).toBe(K64)
  })

  test('row 266: credit for the stream waits for the reader', () => {
    const peer = posted({ ...SMALL, consumes: false })
    const wire = Array.from({ length: 3 }, () => data(1, new Uint8Array(16_384)))
    expect(peer.send(...wire)).toEqual(['WINDOW_UPDATE 0 +32768'])
    const stream = peer.stream(1)
    expect(stream.unconsumed).toBe(49_152)
    peer.machine.consume(stream, 32_767)
    expect(peer.written()).toEqual([])
    peer.machine.consume(stream, 1)
    expect(peer.written()).toEqual(['WINDOW_UPDATE 1 +32768'])
    // More than is there is not given back.
    peer.machine.consume(stream, 1_000_000)
    expect(stream.receiveWindow + stream.receiveOwed).toBe(K64)
  })

  test('row 267: padding is counted, and given back without being read', () => {
    const peer = posted({ ...SMALL, consumes: false })
    for (let frame = 1; frame < 128; frame++) peer.send(data(1, 'x'.repeat(100), { padding: 255 }))
    expect(peer.send(data(1, 'x'.repeat(100), { padding: 255 }))).toEqual(['WINDOW_UPDATE 1 +32768'])
    const stream = peer.stream(1)
    expect(stream.unconsumed).toBe(128 * 100)
    expect(stream.receiveWindow + stream.receiveOwed + stream.unconsumed).toBe(K64)
    expect(connectionCredit(peer)).toBe(K64)
  })

  test('row 268: more than the connection’s window', () => {
    const peer = posted({ ...SMALL, initialStreamWindowSize: 1_000_000 })
    expect(peer.machine.receiveWindow.take(65_000)).toBe(true)
    expect(peer.send(data(1, new Uint8Array(535)))).toEqual([])
    peer.machine.receiveWindow.take(peer.machine.receiveWindow.available)
    expect(peer.send(data(1, 'x'))).toEqual([
      'GOAWAY 1 FLOW_CONTROL_ERROR more DATA than the connection window',
    ])
  })

  test('row 268: more than the stream’s window', () => {
    const peer = posted({ initialStreamWindowSize: 100, consumes: false })
    expect(peer.send(data(1, new Uint8Array(100)))).toEqual([])
    expect(peer.send(data(1, 'x'))).toEqual(['RST_STREAM 1 FLOW_CONTROL_ERROR'])
    expect(peer.told().at(-1)).toBe('RESET 1 STREAM_RESET FLOW_CONTROL_ERROR')
    const padded = posted({ initialStreamWindowSize: 100, consumes: false })
    expect(padded.send(data(1, 'x', { padding: 99 }))).toEqual(['RST_STREAM 1 FLOW_CONTROL_ERROR'])
    expect(connectionCredit(padded)).toBe(4 * 1_048_576)
  })

  describe('row 269: the connection’s window comes back on every path', () => {
    const paths: [string, (peer: Peer) => void][] = [
      ['a stream error', (peer) => peer.send(data(1, 'too much'))],
      ['a stream error with padding', (peer) => peer.send(data(1, 'too much', { padding: 100 }))],
      ['a reset by us', (peer) => peer.machine.reset(peer.stream(1))],
      ['a reset by the peer', (peer) => void peer.send(rst(1))],
      [
        'DATA behind our reset',
        (peer) => (peer.machine.reset(peer.stream(1)), void peer.send(data(1, 'late'))),
      ],
      [
        'padded DATA behind our reset',
        (peer) => (peer.machine.reset(peer.stream(1)), void peer.send(data(1, 'late', { padding: 9 }))),
      ],
      [
        'a window that is too small',
        (peer) => ((peer.stream(1).receiveWindow = 1), void peer.send(data(1, 'ab', { padding: 9 }))),
      ],
      [
        'a body that nobody wants',
        (peer) => (peer.machine.stopReceiving(peer.stream(1)), void peer.send(data(1, 'ab', { padding: 1 }))),
      ],
      [
        'DATA after END_STREAM',
        (peer) => void peer.send(request(3), data(3, 'x'.repeat(300), { padding: 3 })),
      ],
    ]
    test.each(paths)('%s', (_name, path) => {
      for (const pieces of [1, 7]) {
        const peer = new Peer({ ...SMALL, consumes: false })
        peer.send(request(1, [['content-length', '7']], POST), data(1, 'abc', { padding: 5 }))
        const all = peer.sendPieces.bind(peer)
        // In pieces: the bytes of a frame come in several parts.
        peer.sendPieces = (given) => all([...given].flatMap((bytes) => cut(bytes, pieces)))
        path(peer)
        expect(peer.machine.failure).toBe(null)
        expect(connectionCredit(peer)).toBe(K64)
        const open = peer.machine.streams.get(1)
        expect(peer.machine.unconsumed).toBe(open === undefined ? 0 : open.unconsumed)
      }
    })
  })

  test('row 247: DATA beyond our GOAWAY is dropped, and its window comes back', () => {
    const peer = posted()
    peer.machine.shutdown()
    peer.written()
    expect(peer.send(frames.ping('hypersd\x03', true))).toEqual(['GOAWAY 1 NO_ERROR'])
    peer.told()
    expect(
      peer.send(request(3, [], POST), data(3, 'abc', { padding: 10 }), data(3, new Uint8Array(9_000))),
    ).toEqual([])
    expect(peer.told()).toEqual([])
    expect(connectionCredit(peer)).toBe(K64)
    // What was begun before goes on.
    peer.send(data(1, 'x', { endStream: true }))
    expect(peer.told()).toEqual(['DATA 1 x', 'END 1'])
  })

  test('row 274: a lower window of ours counts from its acknowledgement, and may go below nothing', () => {
    const peer = new Peer({ initialStreamWindowSize: 100, consumes: false }, null)
    peer.send(frames.preface, settings(), request(1, [], POST), data(1, new Uint8Array(1_000)))
    expect(peer.stream(1).receiveWindow).toBe(K64 - 1_000)
    peer.send(frames.settingsAck())
    expect(peer.stream(1).receiveWindow).toBe(100 - 1_000)
    peer.machine.consume(peer.stream(1), 1_000)
    expect(peer.written()).toEqual(['WINDOW_UPDATE 1 +1000'])
    expect(peer.stream(1).receiveWindow).toBe(100)
    expect(peer.send(data(1, new Uint8Array(101)))).toEqual(['RST_STREAM 1 FLOW_CONTROL_ERROR'])
  })

  test('row 275: until our SETTINGS are acknowledged the default counts', () => {
    const peer = new Peer({ initialStreamWindowSize: 1_000_000, consumes: false }, null)
    const wire = Array.from({ length: 4 }, () => data(1, new Uint8Array(16_384)))
    peer.send(frames.preface, settings(), request(1, [], POST))
    expect(peer.send(...wire)).toEqual(['RST_STREAM 1 FLOW_CONTROL_ERROR'])
    const acked = new Peer({ initialStreamWindowSize: 1_000_000, consumes: false }, null)
    acked.send(frames.preface, settings(), frames.settingsAck(), request(1, [], POST))
    expect(acked.send(...wire)).toEqual([])
  })

  test('a window of nothing gives nothing, and never an increment of 0', () => {
    const peer = posted({ initialStreamWindowSize: 0 })
    peer.machine.consume(peer.stream(1), 0)
    expect(peer.written()).toEqual([])
    expect(peer.send(data(1, '', { endStream: true }))).toEqual([])
  })

  test('row 189: streams that nobody reads do not stall the others', () => {
    const peer = new Peer({ ...SMALL, consumes: false })
    peer.send(request(1, [], POST), request(3, [], POST))
    for (let frame = 0; frame < 3; frame++) peer.send(data(1, new Uint8Array(16_000)))
    expect(peer.machine.receiveWindow.available).toBeGreaterThan(32_000)
    for (let frame = 0; frame < 40; frame++) {
      expect(peer.send(data(3, new Uint8Array(16_000))).join()).not.toContain('GOAWAY')
      peer.machine.consume(peer.stream(3), 16_000)
    }
    expect(peer.stream(1).unconsumed).toBe(48_000)
  })

  test('but what all of them hold is bounded: one connection window, and what is under way', () => {
    const peer = new Peer({
      initialStreamWindowSize: 200_000,
      initialConnectionWindowSize: 300_000,
      consumes: false,
    })
    let sent = 0
    for (let id = 1; id < 40; id += 2) {
      peer.send(request(id, [], POST))
      for (let left = 200_000; left > 0 && peer.machine.receiveWindow.available > 0;) {
        const size = Math.min(16_384, left, peer.machine.receiveWindow.available)
        peer.send(data(id, new Uint8Array(size)))
        left -= size
        sent += size
      }
    }
    expect(peer.machine.failure).toBe(null)
    expect(peer.machine.unconsumed).toBe(sent)
    expect(sent).toBeLessThanOrEqual(600_000)
    for (const stream of peer.machine.streams.values()) peer.machine.consume(stream, stream.unconsumed)
    expect(connectionCredit(peer)).toBe(300_000)
  })

  test('row 185: windows grow with what a round trip brings, up to the limit', () => {
    const peer = posted({ ...SMALL, adaptiveWindow: true, maxWindowSize: 300_000 })
    const bandwidthPing = frames.ping('hyperbd\x02', true)
    expect(peer.send(data(1, new Uint8Array(1_000)))).toEqual(['PING hyperbd'])
    // Less than two thirds of the window: it was not the limit.
    peer.now += 10
    expect(peer.send(bandwidthPing)).toEqual([])
    peer.now += 1_000
    peer.send(data(1, new Uint8Array(16_000)))
    for (let frame = 0; frame < 3; frame++) peer.send(data(1, new Uint8Array(16_000)))
    peer.now += 10
    expect(peer.send(bandwidthPing)).toEqual([
      'WINDOW_UPDATE 0 +94465',
      'SETTINGS window=128000',
      'WINDOW_UPDATE 1 +32000',
    ])
    expect(peer.machine.receiveWindow.target).toBe(128_000)
    expect(peer.stream(1).receiveTarget).toBe(128_000)
    for (let round = 0; round < 20; round++) {
      peer.now += 200
      for (let frame = 0; frame < 7; frame++) peer.send(data(1, new Uint8Array(16_000)))
      peer.now += 1
      peer.send(bandwidthPing)
    }
    expect(peer.machine.receiveWindow.target).toBeLessThanOrEqual(300_000)
    expect(peer.machine.receiveWindow.target).toBeGreaterThan(200_000)
  })

  describe('a window that has grown', () => {
    /** Stream 1 has seen 64,000 bytes within one round trip: windows of 128,000 octets from here on. */
    function grown(...before: readonly Uint8Array[]): { peer: Peer; lines: string[] } {
      const options = { ...SMALL, adaptiveWindow: true, maxWindowSize: 300_000 }
      const peer = new Peer(options, before.length === 0 ? settings() : null)
      peer.send(...before, request(1, [], { method: 'POST' }))
      for (let frame = 0; frame < 4; frame++) peer.send(data(1, new Uint8Array(16_000)))
      peer.now += 10
      return { peer, lines: peer.send(frames.ping('hyperbd\x02', true)) }
    }

    test('is that of the streams to come as well, before it is acknowledged and after', () => {
      const { peer, lines } = grown()
      expect(lines).toContain('SETTINGS window=128000')
      peer.send(request(3, [], { method: 'POST' }))
      expect(peer.send(frames.settingsAck())).toEqual([])
      peer.send(request(5, [], { method: 'POST' }))
      expect([3, 5].map((id) => peer.stream(id).receiveWindow)).toEqual([128_000, 128_000])
      // And it is acknowledged once.
      expect(peer.send(frames.settingsAck())).toEqual([
        'GOAWAY 5 PROTOCOL_ERROR SETTINGS acknowledged that were not sent',
      ])
    })

    test('stays as large when the acknowledgement comes, for open streams too', () => {
      const { peer } = grown()
      const before = peer.stream(1).receiveWindow
      peer.send(frames.settingsAck())
      expect(peer.stream(1).receiveWindow).toBe(before)
      expect(peer.machine.streamWindow).toBe(128_000)
    })

    test('is told once our first SETTINGS are acknowledged', () => {
      const { peer, lines } = grown(frames.preface, settings())
      expect(lines).toEqual(['WINDOW_UPDATE 0 +78465'])
      expect(peer.machine.streamWindow).toBe(65_535)
      expect(peer.send(frames.settingsAck())).toContain('SETTINGS window=128000')
      peer.send(request(3, [], { method: 'POST' }))
      expect(peer.stream(3).receiveWindow).toBe(128_000)
    })

    test('does no harm with a peer that does not acknowledge it', () => {
      const { peer } = grown()
      peer.respond(1)
      peer.send(data(1, '', { endStream: true }))
      peer.after(60_000)
      expect([peer.machine.settingsPending, peer.machine.failure]).toEqual([1, null])
    })
  })
})

describe('what we send', () => {
  test('row 265: what fits the windows goes out at once', () => {
    const { lines } = sending(1_000, settings(), 1)
    expect(lines).toEqual(['DATA 1 [1000]'])
  })

  test('a window of one byte gets exactly one byte', () => {
    const peer = new Peer({}, settings({ initialWindowSize: 1 }))
    peer.send(request(1))
    expect(peer.respond(1, 'hello')).toEqual(['HEADERS 1 :status=200 content-length=5', 'DATA 1 h'])
    expect(peer.send(windowUpdate(1, 1))).toEqual(['DATA 1 e'])
    expect(peer.send(windowUpdate(1, 100))).toEqual(['DATA 1 end llo'])
  })

  test('row 272: several small increments', () => {
    const { peer } = sending(10, settings({ initialWindowSize: 0 }), 1)
    expect(peer.send(windowUpdate(1, 3), windowUpdate(1, 3), windowUpdate(1, 3))).toEqual([
      'DATA 1 \0\0\0\0\0\0\0\0\0',
    ])
  })

  test('row 280: a large body is cut at the frame size and the windows, in order', () => {
    const peer = new Peer({}, settings({ initialWindowSize: 100_000 }))
    const body = 'abcdefghij'.repeat(10_000)
    let got = ''
    peer.log.onFrame = (frame) => {
      if (frame.kind === 0)
        got += Buffer.from(frame.bytes.subarray(frame.start, frame.end)).toString('latin1')
    }
    peer.send(request(1))
    expect(peer.respond(1, body)).toEqual([
      'HEADERS 1 :status=200 content-length=100000',
      ...Array<string>(3).fill('DATA 1 [16384]'),
      'DATA 1 [16383]',
    ])
    expect(peer.send(windowUpdate(0, 16_385))).toEqual([
      'DATA 1 [16384]',
      'DATA 1 \u0000'.replace('\u0000', got[65_535 + 16_384]!),
    ])
    expect(peer.send(settings({ maxFrameSize: 50_000 }), windowUpdate(0, 100_000))).toEqual([
      'SETTINGS ack',
      'DATA 1 end [18080]',
    ])
    expect(got).toBe(body)
    expect(peer.machine.streams.size).toBe(0)
  })

  test('row 280: who holds the connection’s window is served in turns', () => {
    const { peer, lines } = sending(100_000, settings({ initialWindowSize: 1_000_000 }), 1, 3, 5)
    expect(lines).toEqual([...Array<string>(3).fill('DATA 1 [16384]'), 'DATA 1 [16383]'])
    expect(peer.send(windowUpdate(0, 6 * 16_384))).toEqual([
      'DATA 1 [16384]',
      'DATA 3 [16384]',
      'DATA 5 [16384]',
      'DATA 1 [16384]',
      'DATA 3 [16384]',
      'DATA 5 [16384]',
    ])
  })

  test('row 273: SETTINGS_INITIAL_WINDOW_SIZE moves the windows of all streams', () => {
    const { peer } = sending(100, settings({ initialWindowSize: 0 }), 1, 3)
    expect(peer.send(settings({ initialWindowSize: 2 }))).toEqual(
      ['SETTINGS ack', 'DATA 1 \0', 'DATA 3 \0'].map((line) => line.replace('\0', '\0\0')),
    )
    expect(peer.send(settings({ initialWindowSize: 1 }))).toEqual(['SETTINGS ack'])
    expect(peer.stream(1).sendWindow).toBe(-1)
    expect(peer.send(windowUpdate(1, 1))).toEqual([])
    expect(peer.send(windowUpdate(1, 1))).toEqual(['DATA 1 \0'])
    // The last of several values in one frame counts.
    expect(
      peer.send(
        settings([
          [4, 0],
          [4, 3],
        ]),
      ),
    ).toEqual(['SETTINGS ack', 'DATA 1 \0\0', 'DATA 3 \0'])
  })

  test('row 273: a window that shrinks while data waits for the connection’s', () => {
    const { peer } = sending(40_000, settings({ initialWindowSize: 50_000 }), 1, 3)
    // 65,535 are gone: 40,000 on stream 1, the rest on stream 3, which is scheduled still.
    expect(peer.machine.sendWindow).toBe(0)
    expect(peer.send(settings({ initialWindowSize: 100 }))).toEqual(['SETTINGS ack'])
    expect(peer.stream(3).sendWindow).toBe(100 - 25_535)
    expect(peer.send(windowUpdate(0, 1_000))).toEqual([])
    expect(peer.send(windowUpdate(3, 25_436))).toEqual(['DATA 3 \0'])
  })

  test('row 270: a stream that ends or is reset leaves the connection’s window to the others', () => {
    for (const end of [
      (peer: Peer) => peer.machine.reset(peer.stream(1)),
      (peer: Peer) => void peer.send(rst(1)),
    ]) {
      const { peer } = sending(100_000, settings({ initialWindowSize: 1_000_000 }), 1, 3)
      end(peer)
      peer.written()
      expect(peer.machine.queued).toBe(100_000)
      expect(peer.send(windowUpdate(0, 100))).toEqual([`DATA 3 ${'\0'.repeat(100)}`])
    }
  })

  test('row 270: trailers wait for the data before them, and need no credit', () => {
    const { peer } = sending(2, settings({ initialWindowSize: 0 }), 1)
    peer.machine.sendEnd(peer.stream(1), new HeaderMap({ sum: '1' }))
    expect(peer.written()).toEqual([])
    expect(peer.send(windowUpdate(1, 2))).toEqual(['DATA 1 \0\0', 'HEADERS 1 end sum=1'])
    expect(peer.machine.streams.size).toBe(0)
  })

  test('row 271: what is sent on a stream that is gone goes nowhere', () => {
    const peer = new Peer()
    peer.send(request(1))
    const stream = peer.stream(1)
    peer.begin(1)
    peer.send(rst(1))
    expect(peer.machine.sendData(stream, new Uint8Array(10))).toBe(true)
    peer.machine.sendWhole(stream, 'x')
    peer.machine.sendEnd(stream, new HeaderMap({ a: 'b' }))
    peer.machine.reset(stream)
    expect(peer.written()).toEqual([])
    expect(peer.machine.queued).toBe(0)
  })

  test('row 276: a writer is told when it has sent enough, and when it may go on', () => {
    const peer = new Peer({ maxSendBufferSize: 1_000 }, settings({ initialWindowSize: 0 }))
    peer.send(request(1))
    peer.begin(1)
    const stream = peer.stream(1)
    const { machine } = peer
    expect(machine.sendData(stream, new Uint8Array(999))).toBe(true)
    expect(machine.sendData(stream, new Uint8Array(1))).toBe(false)
    expect(machine.sendData(stream, new Uint8Array(0))).toBe(false)
    peer.send(windowUpdate(1, 499))
    expect(machine.drained).toEqual([])
    peer.send(windowUpdate(1, 1))
    expect(machine.drained).toEqual([stream])
    expect(machine.sendData(stream, new Uint8Array(1))).toBe(true)
  })

  test('an empty chunk never makes a writer wait for nothing', () => {
    const peer = new Peer({ maxSendBufferSize: 10 }, settings({ initialWindowSize: 0 }))
    peer.send(request(1), request(3))
    peer.begin(1)
    peer.begin(3)
    peer.machine.sendData(peer.stream(1), new Uint8Array(1_000))
    expect(peer.machine.sendData(peer.stream(3), new Uint8Array(0))).toBe(true)
  })

  test('row 278: a reset with data that cannot be sent', () => {
    const { peer } = sending(100_000, settings({ initialWindowSize: 0 }), 1)
    peer.machine.reset(peer.stream(1))
    expect(peer.written()).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.machine.queued).toBe(0)
    expect(peer.send(windowUpdate(1, 100))).toEqual([])
  })

  test('row 279: what is queued while output is taken is written next', () => {
    const peer = new Peer()
    peer.send(request(1))
    peer.begin(1)
    const stream = peer.stream(1)
    peer.machine.sendData(stream, new Uint8Array(5_000))
    expect(peer.machine.writeStreams()).toBe(false)
    const first = peer.machine.output.take()!
    peer.machine.sendData(stream, new Uint8Array(3))
    const lines = [...peer.log.read(first), ...peer.written()]
    expect(lines).toEqual(['DATA 1 [5000]', 'DATA 1 \0\0\0'])
  })

  test('row 240: a reset behind data that is written already does not cut a frame', () => {
    const { peer } = sending(30_000, settings({ initialWindowSize: 20_000 }), 1)
    peer.machine.sendData(peer.stream(1), new Uint8Array(10))
    peer.send(windowUpdate(1, 100))
    peer.machine.reset(peer.stream(1))
    expect(peer.written()).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.log.isWhole).toBe(true)
    const other = sending(30_000, settings({ initialWindowSize: 20_000 }), 1).peer
    expect(other.send(windowUpdate(0, 0))).toEqual(['GOAWAY 1 PROTOCOL_ERROR WINDOW_UPDATE of 0'])
    expect(other.log.isWhole).toBe(true)
  })

  test('the more urgent go first (RFC 9218), by the field and by PRIORITY_UPDATE', () => {
    const peer = new Peer({}, settings({ initialWindowSize: 100 }))
    peer.send(request(1), request(3, [['priority', 'u=1']]), request(5, [['priority', 'u=5']]))
    peer.send(frames.priorityUpdate(5, 'u=0'))
    for (const id of [1, 3, 5]) peer.begin(id)
    for (const id of [1, 3, 5]) peer.machine.sendData(peer.stream(id), new Uint8Array(1))
    expect(peer.written()).toEqual(['DATA 5 \0', 'DATA 3 \0', 'DATA 1 \0'])
  })
})

test('row 230: streams beyond the limit take no credit from the others', () => {
  const peer = new Peer({ ...SMALL, maxConcurrentStreams: 1, consumes: false })
  peer.send(request(1, [], POST))
  for (let id = 3; id < 200; id += 2) peer.send(request(id, [], POST), data(id, new Uint8Array(5_000)))
  expect(peer.machine.failure).toBe(null)
  expect(connectionCredit(peer)).toBe(K64)
  peer.send(headers(1, [['a', 'b']], { endStream: true }))
  expect(peer.told().at(-1)).toBe('END 1 a=b')
})

function cut(bytes: Uint8Array, pieces: number): Uint8Array[] {
  const size = Math.ceil(bytes.length / pieces)
  return Array.from({ length: pieces }, (_, piece) => bytes.subarray(piece * size, piece * size + size))
}
