import { frames, type FrameField } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { Peer, type PeerOptions } from './server-kit.ts'

// Attacks on a server (rows 253 to 264 of the parity checklist, and those of the CVEs that are named), each once across
// its bound and once just inside of it. After each a clean request on a new connection is answered at once, and what the
// connection holds is counted.

const { continuation, data, headers, ping, priority, request, rst, settings, windowUpdate } = frames

const POST = { method: 'POST' } as const
/** DATA that is not small. */
const LARGE = 'x'.repeat(256)

/** What a new client gets, whatever others have done. */
function expectServed(): void {
  const peer = new Peer({ answers: true })
  expect(peer.send(request(1))).toEqual(['HEADERS 1 end :status=200'])
}

/** The connection has ended for this, once, and holds nothing that grows. */
function expectCalmed(peer: Peer, lines: readonly string[], detail: string): void {
  const last = lines.at(-1) ?? ''
  expect(last.replace(/^GOAWAY \d+ /, '')).toBe(`ENHANCE_YOUR_CALM ${detail}`)
  expect(peer.told().slice(-2)).toEqual(['FAILED H2_CONNECTION ENHANCE_YOUR_CALM', 'CLOSED'])
  expect(peer.send(request(9_999), ping())).toEqual([])
  expect(peer.told()).toEqual(['CLOSED'])
  expectServed()
}

function expectAlive(peer: Peer, id: number = 99_999): void {
  peer.told()
  peer.send(request(id))
  expect(peer.told()).toEqual([`HEAD ${id} GET /`])
}

/** Sends what `make` makes until the connection ends, at most `most` times. @returns how many were taken, and the output */
function flood(
  peer: Peer,
  most: number,
  make: (number: number) => Uint8Array,
): { taken: number; lines: string[] } {
  const lines: string[] = []
  for (let number = 0; number < most; number++) {
    lines.push(...peer.send(make(number)))
    if (peer.machine.failure !== null) return { taken: number, lines }
  }
  return { taken: most, lines }
}

const id = (number: number): number => number * 2 + 1

describe('row 258: rapid reset (CVE-2023-44487)', () => {
  const resetAtOnce = (number: number): Uint8Array => frames.join(request(id(number)), rst(id(number)))

  test('beyond the burst', () => {
    const peer = new Peer()
    const { taken, lines } = flood(peer, 4_000, resetAtOnce)
    expect(taken).toBe(200)
    expectCalmed(peer, lines, 'too_many_resets')
  })

  test('in one write', () => {
    const peer = new Peer()
    const lines = peer.send(...Array.from({ length: 4_000 }, (_, number) => resetAtOnce(number)))
    expectCalmed(peer, lines, 'too_many_resets')
    expect(peer.machine.streams.size).toBeLessThan(2)
  })

  test('just inside: the burst, and then as many as come back per second', () => {
    const peer = new Peer()
    expect(flood(peer, 200, resetAtOnce).taken).toBe(200)
    for (let second = 0; second < 10; second++) {
      peer.after(1_000)
      expect(flood(peer, 33, (number) => resetAtOnce(200 + second * 33 + number)).taken).toBe(33)
    }
    expectAlive(peer)
  })

  test('a stream that is answered costs nothing, and a limit can be turned off', () => {
    const peer = new Peer({ answers: true })
    const answered = (number: number): Uint8Array =>
      frames.join(request(id(number), [], { ...POST, endStream: true }), rst(id(number)))
    expect(flood(peer, 1_000, answered).taken).toBe(1_000)
    for (const options of [{ maxResetBurst: Infinity }, { maxResetRate: Infinity }]) {
      expect(flood(new Peer(options), 1_000, resetAtOnce).taken).toBe(1_000)
    }
  })

  test('RST_STREAM for streams that are gone', () => {
    const peer = new Peer({ answers: true })
    peer.send(request(1))
    const { taken, lines } = flood(peer, 20_000, () => rst(1))
    expect(taken).toBe(10_000 - 1)
    expectCalmed(peer, lines, 'too_many_resets')
  })
})

describe('row 259: resets that we are made to send (MadeYouReset, CVE-2025-8671)', () => {
  const open = (number: number): Uint8Array => request(id(number), [], POST)
  const tricks: [string, (number: number) => Uint8Array][] = [
    ['WINDOW_UPDATE of 0', (number) => frames.join(open(number), windowUpdate(id(number), 0))],
    ['a window above 2^31-1', (number) => frames.join(open(number), windowUpdate(id(number), 2_147_483_647))],
    ['DATA after END_STREAM', (number) => frames.join(request(id(number)), data(id(number), LARGE))],
    ['HEADERS after END_STREAM', (number) => frames.join(request(id(number)), request(id(number)))],
    ['a malformed head', (number) => headers(id(number), [['A', 'b']])],
    ['PRIORITY on itself', (number) => frames.join(open(number), priority(id(number), id(number)))],
    ['HEADERS on itself', (number) => request(id(number), [], { priority: { dependency: id(number) } })],
    ['PRIORITY of a wrong size', (number) => frames.join(open(number), frames.raw(2, 0, id(number), '1234'))],
    [
      'a length that is wrong',
      (number) => frames.join(request(id(number), [['content-length', '1']], POST), data(id(number), LARGE)),
    ],
  ]
  test.each(tricks)('%s', (_name, trick) => {
    const peer = new Peer()
    const { taken, lines } = flood(peer, 4_000, trick)
    expect(taken).toBe(1_024)
    expectCalmed(peer, lines, 'too_many_internal_resets')
    expect(peer.machine.streams.size).toBe(0)
    const inside = new Peer()
    flood(inside, 1_024, trick)
    expectAlive(inside)
  })

  test('every stream that was reset is told of, even when the last one ends the connection', () => {
    const peer = new Peer({ maxLocalErrorResetStreams: 0 })
    peer.send(open(0))
    expect(peer.send(windowUpdate(1, 0))).toEqual([
      'RST_STREAM 1 PROTOCOL_ERROR',
      'GOAWAY 1 ENHANCE_YOUR_CALM too_many_internal_resets',
    ])
    expect(peer.told()).toEqual([
      'HEAD 1 POST /',
      'RESET 1 STREAM_RESET PROTOCOL_ERROR',
      'FAILED H2_CONNECTION ENHANCE_YOUR_CALM',
      'CLOSED',
    ])
  })
})

describe('row 257: CONTINUATION floods (RUSTSEC-2024-0332)', () => {
  test.each([0, 1, 16_384])('frames of %i bytes', (size) => {
    const peer = new Peer()
    peer.send(headers(1, [[':method', 'GET']], { endHeaders: false }))
    const { taken, lines } = flood(peer, 1_000, () =>
      continuation(1, new Uint8Array(size), { endHeaders: false }),
    )
    expect(taken).toBe(5)
    expectCalmed(peer, lines, 'too_many_continuations')
  })

  test('just inside: five of them', () => {
    const peer = new Peer()
    const wire = frames.block([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      ['a', 'x'.repeat(30_000)],
    ])
    const size = Math.ceil(wire.length / 6)
    const piece = (index: number): Uint8Array => wire.subarray(index * size, index * size + size)
    peer.send(headers(1, piece(0), { endHeaders: false, endStream: true }))
    for (let index = 1; index < 6; index++)
      peer.send(continuation(1, piece(index), { endHeaders: index === 5 }))
    expect(peer.told()).toEqual(['HEAD 1 GET /'])
    expectAlive(peer)
  })

  test('a larger list allows for more frames', () => {
    const peer = new Peer({ maxHeaderListSize: 1_048_576 })
    peer.send(headers(1, [[':method', 'GET']], { endHeaders: false }))
    const { taken } = flood(peer, 1_000, () => continuation(1, new Uint8Array(1), { endHeaders: false }))
    expect(taken).toBe(80)
  })
})

describe('floods of frames that want an answer (CVE-2019-9512, 9515, 9513)', () => {
  const floods: [string, string, (number: number) => Uint8Array][] = [
    ['PING', 'too_many_pings', () => ping()],
    ['SETTINGS', 'too_many_settings', () => settings()],
    ['PRIORITY', 'too_many_control_frames', (number) => priority(id(number % 1_000), 0)],
    [
      'PRIORITY in cycles',
      'too_many_control_frames',
      (number) => priority(1 + 2 * (number % 2), 3 - 2 * (number % 2)),
    ],
    ['PRIORITY_UPDATE', 'too_many_control_frames', (number) => frames.priorityUpdate(id(number), 'u=1')],
    ['unknown frames', 'too_many_control_frames', () => frames.raw(0x7b, 0, 0, 'x')],
  ]
  test.each(floods)('%s', (_name, detail, make) => {
    const peer = new Peer()
    const { taken, lines } = flood(peer, 20_000, make)
    // The client's own SETTINGS was the first of the 10,000.
    expect(taken).toBe(9_999)
    expectCalmed(peer, lines, detail)
    const inside = new Peer()
    flood(inside, 9_999, make)
    inside.after(1_000)
    expect(flood(inside, 330, make).taken).toBe(330)
    expectAlive(inside)
  })

  test('one frame with 2,700 settings is one frame', () => {
    const peer = new Peer()
    const many = Array.from({ length: 2_700 }, (_, number) => [4, 65_535 + number] as const)
    expect(peer.send(settings(many))).toEqual(['SETTINGS ack'])
    expect(peer.machine.peerWindow).toBe(65_535 + 2_699)
    expectAlive(peer)
  })

  test('what needs no answer is ignored, however much there is', () => {
    const peer = new Peer({ answers: true })
    peer.send(request(1))
    const cheap = [() => ping('01234567', true), () => windowUpdate(1, 1), () => frames.goAway(0)]
    for (const make of cheap) expect(flood(peer, 20_000, make)).toEqual({ taken: 20_000, lines: [] })
    expectAlive(peer)
  })
})

describe('empty and small DATA (CVE-2019-9518, RUSTSEC-2026-0258)', () => {
  const posted = (options: PeerOptions = {}): Peer => {
    const peer = new Peer(options)
    peer.send(request(1, [], POST))
    return peer
  }
  const empty: [string, () => Uint8Array][] = [
    ['empty', () => data(1)],
    ['padding alone', () => data(1, '', { padding: 255 })],
  ]
  test.each(empty)('row 260: %s frames', (_name, make) => {
    const peer = posted()
    const { taken, lines } = flood(peer, 20_000, make)
    expect(taken).toBe(100)
    expectCalmed(peer, lines, 'too_many_data_frames')
    const inside = posted()
    flood(inside, 100, make)
    expectAlive(inside)
  })

  test('row 260: cut through the padding they count the same', () => {
    const peer = posted()
    const frame = data(1, '', { padding: 255 })
    let taken = 0
    for (; peer.machine.failure === null; taken++)
      peer.sendPieces([frame.subarray(0, 20), frame.subarray(20)])
    expect(taken).toBe(101)
  })

  // Half of this window, in frames that each lack 255 bytes of a full one.
  const narrow = { consumes: false, initialConnectionWindowSize: 65_535 } as const
  const FITS = 128

  test('row 261: one-byte frames that nobody reads', () => {
    for (const make of [() => data(1, 'x'), () => data(1, 'x', { padding: 255 })]) {
      const peer = posted(narrow)
      const { taken: whole, lines } = flood(peer, 20_000, make)
      expect(whole).toBe(FITS)
      expectCalmed(peer, lines, 'too_many_data_frames')
      let taken = 0
      const cut = posted(narrow)
      const frame = make()
      while (cut.machine.failure === null) {
        cut.sendPieces([frame.subarray(0, 10), frame.subarray(10)])
        if (cut.machine.failure === null) taken++
      }
      expect(taken).toBe(FITS)
    }
  })

  test('row 261: the budget is half of the connection window, and what is consumed at once comes back at once', () => {
    const peer = posted({ consumes: false, initialStreamWindowSize: 1_000_000 })
    expect(flood(peer, 20_000, () => data(1, 'x')).taken).toBe(Math.floor((4 * 1_048_576) / 2 / 255))
    const late = posted({ consumes: false, initialStreamWindowSize: 1_000_000 })
    for (let round = 0; round < 10; round++) {
      expect(flood(late, 8_000, () => data(1, 'x')).taken).toBe(8_000)
      late.machine.consume(late.stream(1), 8_000)
    }
    const left = posted({ consumes: false, maxResetBurst: Infinity })
    for (let round = 0; round < 10; round++) {
      if (round > 0) left.send(request(id(round), [], POST))
      expect(flood(left, 8_000, () => data(id(round), 'x')).taken).toBe(8_000)
      left.send(rst(id(round)))
    }
    expect(left.machine.failure).toBe(null)
  })

  test('row 261: those that are read are honest, and so are those that end a stream', () => {
    const peer = posted({ initialStreamWindowSize: 1_000_000 })
    expect(flood(peer, 20_000, () => data(1, 'x')).taken).toBe(20_000)
    const ending = new Peer({ consumes: false, answers: true })
    const whole = (number: number): Uint8Array =>
      frames.join(request(id(number), [], POST), data(id(number), 'x', { endStream: true }))
    expect(flood(ending, 2_000, whole).taken).toBe(2_000)
  })

  test('row 261: small messages that we drop are honest too', () => {
    const dropping = posted({ consumes: false, initialStreamWindowSize: 1_000_000 })
    dropping.machine.stopReceiving(dropping.stream(1))
    expect(flood(dropping, 2_000, () => data(1, 'x')).taken).toBe(2_000)
    const reset = posted({ consumes: false })
    reset.machine.reset(reset.stream(1))
    expect(flood(reset, 2_000, () => data(1, 'x')).taken).toBe(2_000)
    const leaving = new Peer({ consumes: false, maxResetBurst: Infinity })
    const left = (number: number): Uint8Array =>
      frames.join(request(id(number), [], POST), data(id(number), 'x'), rst(id(number)))
    expect(flood(leaving, 2_000, left).taken).toBe(2_000)
  })

  test('row 261: large frames give back, up to the whole budget and no more', () => {
    const peer = posted(narrow)
    flood(peer, FITS - 1, () => data(1, 'x'))
    flood(peer, FITS - 1, () => data(1, 'x'.repeat(256)))
    expect(flood(peer, 20_000, () => data(1, 'x')).taken).toBe(FITS)
    const spread = posted({ consumes: false })
    for (let round = 0; round < 300; round++) spread.send(data(1, 'x'), data(1, 'y'.repeat(256)))
    expect(spread.machine.failure).toBe(null)
  })

  test('row 262: an empty frame is nothing to a reader', () => {
    const peer = posted()
    peer.send(data(1, 'a'), data(1), data(1, '', { padding: 3 }), data(1, 'b', { endStream: true }))
    expect(peer.told()).toEqual(['HEAD 1 POST /', 'DATA 1 a', 'DATA 1 b', 'END 1'])
  })
})

describe('header bombs (CVE-2016-6581, CVE-2026-49975, CVE-2019-9516)', () => {
  const GET: readonly FrameField[] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
  ]

  test('row 253: a list over the limit is answered with 431, and reset where a body would follow', () => {
    const large: FrameField[] = [...GET, ['a', 'x'.repeat(66_000)]]
    const wire = frames.block(large)
    const send = (endStream: boolean): string[] => {
      const peer = new Peer({ maxFrameSize: 100_000 })
      const lines = peer.send(headers(1, wire, { endStream }))
      expect(peer.told()).toEqual([])
      expect(peer.machine.streams.size).toBe(0)
      expectAlive(peer)
      return lines
    }
    expect(send(true)).toEqual(['HEADERS 1 end :status=431'])
    expect(send(false)).toEqual(['HEADERS 1 end :status=431', 'RST_STREAM 1 PROTOCOL_ERROR'])
  })

  test('row 253: and so is one with too many fields, cookie crumbs among them', () => {
    const crumbs = (count: number): string[] =>
      new Peer({ answers: true }).send(
        headers(1, [...GET, ...Array(count).fill(['cookie', ''])] as FrameField[], { endStream: true }),
      )
    expect(crumbs(97)).toEqual(['HEADERS 1 end :status=200'])
    expect(crumbs(98)).toEqual(['HEADERS 1 end :status=431'])
  })

  test('row 253: the limit is exact', () => {
    // 42 + 43 + 38 for the pseudo-header fields, 33 for `a`.
    const sized = (size: number): string[] =>
      new Peer({ answers: true, maxHeaderListSize: 1_000 }).send(
        headers(1, [...GET, ['a', 'x'.repeat(size - 42 - 43 - 38 - 33)]], { endStream: true }),
      )
    expect(sized(1_000)).toEqual(['HEADERS 1 end :status=200'])
    expect(sized(1_001)).toEqual(['HEADERS 1 end :status=431'])
  })

  test('row 255: over four times the limit', () => {
    const peer = new Peer({ maxHeaderListSize: 1_000 })
    const lines = peer.send(headers(1, [...GET, ['a', 'x'.repeat(4_000)]]))
    expectCalmed(peer, lines, 'header_list_way_too_large')
    const inside = new Peer({ maxHeaderListSize: 1_000 })
    expect(inside.send(headers(1, [...GET, ['a', 'x'.repeat(3_800)]], { endStream: true }))).toEqual([
      'HEADERS 1 end :status=431',
    ])
  })

  test('one large entry and many references to it', () => {
    const peer = new Peer()
    const bomb = frames.join(
      frames.block([...GET, ['a', 'x'.repeat(3_900), 'index']]),
      new Uint8Array(12_000).fill(0xbe),
    )
    expectCalmed(peer, peer.send(headers(1, bomb)), 'header_list_way_too_large')
    const inside = new Peer()
    const small = frames.join(
      frames.block([...GET, ['a', 'x'.repeat(3_900), 'index']]),
      new Uint8Array(60).fill(0xbe),
    )
    expect(inside.send(headers(1, small, { endStream: true }))).toEqual(['HEADERS 1 end :status=431'])
    expectAlive(inside)
  })

  test('15,000 references to an empty cookie', () => {
    const peer = new Peer()
    const bomb = frames.join(
      frames.block([...GET, ['cookie', '', 'index']]),
      new Uint8Array(15_000).fill(0xbe),
    )
    expectCalmed(peer, peer.send(headers(1, bomb)), 'header_list_way_too_large')
  })

  test('row 256: more than 24,576 distinct names', () => {
    const peer = new Peer({ maxHeaders: Infinity, maxHeaderListSize: 10_000_000, maxFrameSize: 1_000_000 })
    const names = Array.from({ length: 25_000 }, (_, number): FrameField => [`n${number}`, 'x'])
    peer.send(headers(1, [...GET, ...names], { endStream: true }))
    expect(peer.told()).toEqual(['HEAD 1 GET /'])
    expect(peer.machine.request!.headers.size).toBe(25_000)
  })

  test('names of no length', () => {
    const peer = new Peer()
    const { taken, lines } = flood(peer, 4_000, (number) =>
      headers(id(number), [...GET, ['', 'a'], ['', 'b']], { endStream: true }),
    )
    expect(taken).toBe(1_024)
    expectCalmed(peer, lines, 'too_many_internal_resets')
  })
})

describe('many streams at once (CVE-2016-0150)', () => {
  test('row 229: those over the limit are refused', () => {
    const peer = new Peer()
    const lines = peer.send(...Array.from({ length: 1_000 }, (_, number) => request(id(number), [], POST)))
    expect(lines).toEqual(
      Array.from({ length: 900 }, (_, number) => `RST_STREAM ${id(number + 100)} REFUSED_STREAM`),
    )
    expect(peer.machine.streams.size).toBe(100)
    expect(peer.machine.peerStreams).toBe(100)
    peer.respond(1)
    peer.send(data(1, '', { endStream: true }))
    expectAlive(peer)
    expectServed()
  })

  test('row 229: and who goes on is told to stop', () => {
    const peer = new Peer({ maxConcurrentStreams: 1 })
    peer.send(request(1, [], POST))
    const { taken, lines } = flood(peer, 4_000, (number) => request(id(number + 1), [], POST))
    expect(taken).toBe(1_024)
    expectCalmed(peer, lines, 'too_many_internal_resets')
  })

  test('row 228: a reset frees the place at once, from either side', () => {
    const peer = new Peer({ maxConcurrentStreams: 1 })
    peer.send(request(1, [], POST))
    peer.send(rst(1))
    expectAlive(peer, 3)
    peer.machine.reset(peer.stream(3))
    expectAlive(peer, 5)
  })

  test('no limit, and none at all', () => {
    const peer = new Peer({ maxConcurrentStreams: Infinity })
    expect(flood(peer, 2_000, (number) => request(id(number), [], POST))).toEqual({ taken: 2_000, lines: [] })
    expect(peer.machine.streams.size).toBe(2_000)
    expect(new Peer({ maxConcurrentStreams: 0 }).send(request(1))).toEqual(['RST_STREAM 1 REFUSED_STREAM'])
  })
})

describe('window games', () => {
  test('the connection’s window above 2^31-1', () => {
    const peer = new Peer()
    expect(peer.send(windowUpdate(0, 2_147_483_647 - 65_535))).toEqual([])
    expect(peer.send(windowUpdate(0, 1))).toEqual([
      'GOAWAY 0 FLOW_CONTROL_ERROR connection window above 2^31-1',
    ])
    expectServed()
  })

  test('increments of 0', () => {
    expect(new Peer().send(windowUpdate(0, 0))).toEqual(['GOAWAY 0 PROTOCOL_ERROR WINDOW_UPDATE of 0'])
    const peer = new Peer()
    peer.send(request(1, [], POST))
    expect(peer.send(windowUpdate(1, 0))).toEqual(['RST_STREAM 1 PROTOCOL_ERROR'])
    expectAlive(peer)
  })

  test('an initial window above 2^31-1, or one that lifts a stream above it', () => {
    expect(new Peer().send(settings({ initialWindowSize: 2_147_483_648 }))).toEqual([
      'GOAWAY 0 FLOW_CONTROL_ERROR malformed SETTINGS',
    ])
    const peer = new Peer()
    peer.send(request(1), windowUpdate(1, 2_147_483_647 - 65_535))
    expect(peer.send(settings({ initialWindowSize: 65_536 }))).toEqual([
      'GOAWAY 1 FLOW_CONTROL_ERROR a stream window above 2^31-1',
    ])
  })

  test('a window of one byte that is opened a byte at a time (CVE-2019-9511): what is held stays as it is', () => {
    const peer = new Peer({}, settings({ initialWindowSize: 0 }))
    peer.send(request(1))
    peer.begin(1)
    const stream = peer.stream(1)
    expect(peer.machine.sendData(stream, new Uint8Array(1_000_000))).toBe(false)
    expect(peer.written()).toEqual([])
    for (let byte = 0; byte < 1_000; byte++) {
      expect(peer.send(windowUpdate(1, 1))).toEqual(['DATA 1 \0'])
      expect(peer.machine.queued).toBe(1_000_000 - byte - 1)
    }
    expect(peer.machine.output.isEmpty).toBe(true)
  })

  test('a header table of 2^32-1 is used as far as 4 KiB', () => {
    const peer = new Peer({ answers: true }, settings({ headerTableSize: 4_294_967_295 }))
    expect(peer.send(request(1))).toEqual(['HEADERS 1 end :status=200'])
    expect(peer.machine.encoder.tableSize).toBeLessThanOrEqual(4_096)
  })

  test('row 264: windows at their ends', () => {
    const peer = new Peer({ consumes: false })
    peer.send(request(1, [], POST))
    expect(peer.send(settings({ initialWindowSize: 2_147_483_647 }))).toEqual(['SETTINGS ack'])
    expect(peer.send(settings({ initialWindowSize: 0 }))).toEqual(['SETTINGS ack'])
    expect(peer.stream(1).sendWindow).toBe(0)
    peer.begin(1)
    peer.machine.sendData(peer.stream(1), new Uint8Array(10))
    expect(peer.send(settings({ initialWindowSize: 10 }))).toContain('SETTINGS ack')
    expect(peer.send(settings({ initialWindowSize: 0 }))).toEqual(['SETTINGS ack'])
    expect(peer.stream(1).sendWindow).toBe(-10)
  })
})

describe('row 263: frames larger than ours', () => {
  test('of every kind, one byte too large', () => {
    for (const kind of [0, 1, 4, 6, 9, 0x7b]) {
      const peer = new Peer()
      peer.send(request(1, [], POST))
      // The head alone says so.
      expect(peer.send(frames.raw(kind, 0, kind === 4 || kind === 6 ? 0 : 1, '', 16_385))[0]).toBe(
        'GOAWAY 1 FRAME_SIZE_ERROR malformed frame',
      )
    }
    expectServed()
  })

  test('2^14 bytes are right, and a higher limit is what it says', () => {
    const peer = new Peer()
    peer.send(request(1, [], POST), data(1, new Uint8Array(16_384)))
    expect(peer.told()).toEqual(['HEAD 1 POST /', 'DATA 1 [16384]'])
    const larger = new Peer({ maxFrameSize: 20_000 })
    larger.send(request(1, [], POST), data(1, new Uint8Array(20_000)))
    expect(larger.told()).toEqual(['HEAD 1 POST /', 'DATA 1 [20000]'])
    expect(larger.send(data(1, new Uint8Array(20_001)))).toEqual([
      'GOAWAY 1 FRAME_SIZE_ERROR malformed frame',
    ])
  })
})
