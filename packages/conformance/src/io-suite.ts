import { FULL, QUEUED, TAKEN, type Io, type IoSink } from '@hyper/core/rt'
import { afterEach, describe, expect, test } from 'vitest'

// ioSuite: what every adapter must do, sentence by sentence of core's rt/io.ts. In: a factory that makes connected pairs,
// and what the transport can do. Out: vitest tests. It looks at an Io from outside only, and runs on real transports, so
// that it waits for events and never for the time to pass.

/** Two connected ends. Both are made by the adapter under test unless the factory says otherwise. */
export interface IoPair {
  readonly left: Io
  readonly right: Io
}

export interface IoSuiteOptions {
  /** Makes a fresh pair; both ends are aborted after the test. */
  readonly connect: () => Promise<IoPair>
  /** Whether `abort` reaches the peer as an error: false for transports without a reset. */
  readonly hasReset: boolean
  /** Whether `abort` is seen by a peer that has paused and holds no bytes. */
  readonly noticesWhilePaused: boolean
  /** Upper bound in bytes of what a paused end takes from a peer that goes on writing, transport buffers included. */
  readonly readAhead: number
}

/** Registers the tests of one adapter. */
export function ioSuite(name: string, options: IoSuiteOptions): void {
  describe(`io: ${name}`, () => {
    const open: Io[] = []
    const connect = async (): Promise<Ends> => {
      const { left, right } = await options.connect()
      open.push(left, right)
      return { left, right, sink: new RecordingSink(), other: new RecordingSink() }
    }
    afterEach(() => {
      for (const io of open.splice(0)) io.abort()
    })
    readingTests(connect)
    pauseTests(connect, options)
    writingTests(connect)
    endTests(connect)
    closeTests(connect)
    abortTests(connect, options)
  })
}

interface Ends {
  readonly left: Io
  readonly right: Io
  /** For `right`; not started yet. */
  readonly sink: RecordingSink
  /** For `left`; not started yet. */
  readonly other: RecordingSink
}

type Connect = () => Promise<Ends>

function readingTests(connect: Connect): void {
  test('start is asynchronous', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    left.write('early')
    await turns(3)
    right.start(sink)
    expect(sink.log).toEqual([])
    await sink.until(() => sink.text === 'early')
  })

  test('bytes arrive as they were sent, in order, and no chunk is empty', async () => {
    const { left, right, sink, other } = await connect()
    right.start(sink)
    left.start(other)
    const all = Uint8Array.from({ length: 256 }, (_, index) => index)
    left.write(all)
    left.write('caf\xe9\r\n\x00')
    await sink.until(() => sink.length === 263)
    expect(sink.text).toBe(`${latin1(all)}caf\xe9\r\n\x00`)
    expect(sink.faults).toEqual([])
  })

  test('both directions work at once', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    left.write('ping')
    right.write('pong')
    await sink.until(() => sink.text === 'ping')
    await other.until(() => other.text === 'pong')
  })

  test('a sink that gives the memory back sees the right bytes all the same', async () => {
    const { left, right, sink, other } = await connect()
    sink.keeps = false
    right.start(sink)
    left.start(other)
    for (let round = 0; round < 20; round++) {
      left.write(`round ${round};`)
      await sink.until(() => sink.text.endsWith(`round ${round};`))
    }
    expect(sink.text).toBe(Array.from({ length: 20 }, (_, round) => `round ${round};`).join(''))
  })

  test('memory that a sink keeps is not used again', async () => {
    const { left, right, sink, other } = await connect()
    const kept: Uint8Array[] = []
    sink.onChunk = (chunk) => kept.push(chunk)
    right.start(sink)
    left.start(other)
    for (let round = 0; round < 10; round++) {
      left.write(`${round}`.repeat(100))
      await sink.until(() => sink.length === (round + 1) * 100)
    }
    expect(kept.map(latin1).join('')).toBe(sink.text)
  })

  test('calls never overlap, and none comes from inside a call of ours', async () => {
    const { left, right, sink, other } = await connect()
    sink.onChunk = () => {
      right.write('answer')
      right.pause()
      right.resume()
      right.start(sink)
    }
    sink.atEnd = () => right.end()
    right.start(sink)
    left.start(other)
    left.write('one')
    left.write('two')
    left.end()
    await sink.closed
    await other.closed
    expect(sink.faults).toEqual([])
    expect(other.faults).toEqual([])
  })

  test('a second start replaces the sink, which gets what arrived meanwhile', async () => {
    const { left, right, sink, other } = await connect()
    right.start(sink)
    left.start(other)
    sink.onChunk = () => right.pause()
    left.write('old')
    await sink.until(() => sink.text === 'old')
    left.write('new')
    await turns(5)
    const second = new RecordingSink()
    right.start(second)
    expect(second.log).toEqual([])
    await second.until(() => second.text === 'new')
    left.end()
    await second.until(() => second.has('end'))
    expect(sink.log).toEqual(['data'])
  })
}

function pauseTests(connect: Connect, options: IoSuiteOptions): void {
  test('pause stops data and end, resume brings both', async () => {
    const { left, right, sink, other } = await connect()
    right.start(sink)
    left.start(other)
    right.pause()
    left.write('held')
    left.end()
    await turns(10)
    expect(sink.log).toEqual([])
    right.resume()
    expect(sink.log).toEqual([])
    await sink.until(() => sink.has('end'))
    expect(sink.text).toBe('held')
  })

  test('pause works from inside onData, chunk by chunk', async () => {
    const { left, right, sink, other } = await connect()
    sink.onChunk = () => right.pause()
    right.start(sink)
    left.start(other)
    left.write('x'.repeat(200_000))
    left.end()
    for (let chunks = 1; !sink.has('end'); chunks++) {
      await sink.until(() => sink.chunks === chunks || sink.has('end'))
      await turns(2)
      if (!sink.has('end')) expect(sink.chunks).toBe(chunks)
      right.resume()
    }
    expect(sink.length).toBe(200_000)
  })

  test('a paused end takes no more than its read-ahead', async () => {
    const { left, right, sink, other } = await connect()
    right.start(sink)
    left.start(other)
    right.pause()
    const written = await fill(left, other, 'y'.repeat(65_536), options.readAhead * 2)
    expect(written).toBeLessThan(options.readAhead)
    expect(sink.log).toEqual([])
    right.resume()
    await sink.until(() => sink.length === written)
  })

  test.runIf(options.noticesWhilePaused)('a peer that vanishes is noticed while paused', async () => {
    const { left, right, sink, other } = await connect()
    right.start(sink)
    left.start(other)
    right.pause()
    left.write('within the read-ahead')
    await turns(5)
    left.abort()
    await sink.closed
    expect(sink.log).toEqual(['close'])
    expect(sink.error).not.toBeNull()
  })
}

function writingTests(connect: Connect): void {
  test('write answers TAKEN, QUEUED or FULL, and FULL is followed by one drain', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    right.pause()
    const bytes = new Uint8Array(32_768).fill(0x7a)
    let written = 0
    for (let rounds = 0; rounds < 5; rounds++) {
      const answers: number[] = []
      do {
        answers.push(left.write(bytes))
        written += bytes.length
      } while (answers.at(-1) !== FULL)
      for (const answer of answers) expect([TAKEN, QUEUED, FULL]).toContain(answer)
      right.resume()
      await other.until(() => other.count('drain') === rounds + 1)
      right.pause()
    }
    right.resume()
    await sink.until(() => sink.length === written)
    expect(other.log).toEqual(Array.from({ length: 5 }, () => 'drain'))
    expect(left.write('more')).not.toBe(FULL)
  })

  test('memory of a TAKEN write may be changed at once', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    const bytes = new Uint8Array(1_000).fill(0x61)
    if (left.write(bytes) === TAKEN) bytes.fill(0x62)
    await sink.until(() => sink.length === 1_000)
    expect(sink.text).toBe('a'.repeat(1_000))
  })

  test('memory that was held may be changed after the drain', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    right.pause()
    const bytes = new Uint8Array(100_000).fill(0x61)
    let written = 0
    for (let answer = -1; answer !== FULL; written += bytes.length) answer = left.write(bytes)
    right.resume()
    await other.until(() => other.has('drain'))
    bytes.fill(0x62)
    await sink.until(() => sink.length === written)
    expect(sink.bytes.every((byte) => byte === 0x61)).toBe(true)
  })

  test('writes with more arrive with the next one, strings and bytes in order', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    left.write('a', true)
    left.write('b', true)
    left.write(Uint8Array.of(0x63), true)
    left.write('\xe9', true)
    left.write(Uint8Array.of(0x65))
    left.write('f', true)
    left.write('g')
    left.write('h', true)
    left.write(Uint8Array.of(0x69))
    await sink.until(() => sink.length === 9)
    expect(sink.text).toBe('abc\xe9efghi')
  })

  test('end sends what was gathered', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    left.write('head', true)
    left.write(Uint8Array.of(0x21), true)
    left.end()
    await sink.until(() => sink.has('end'))
    expect(sink.text).toBe('head!')
  })

  test('gathering stops at FULL, so that the drain can come', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    const bytes = new Uint8Array(32_768)
    let written = 0
    let answer: number = TAKEN
    for (let round = 0; round < 100 && answer !== FULL; round++, written += bytes.length) {
      answer = left.write(bytes, true)
    }
    if (answer === FULL) await other.until(() => other.has('drain'))
    left.write('.')
    await sink.until(() => sink.length === written + 1)
  })
}

function endTests(connect: Connect): void {
  test('end half-closes after everything written: the other half goes on', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    const size = 1_000_000
    left.write(new Uint8Array(size))
    left.end()
    await sink.until(() => sink.has('end'))
    expect(sink.length).toBe(size)
    expect(sink.has('close')).toBe(false)
    right.write('after the end')
    await other.until(() => other.text === 'after the end')
    right.end()
    await sink.closed
    await other.closed
    expect([sink.error, other.error]).toEqual([null, null])
    expect(other.log.slice(-2)).toEqual(['end', 'close'])
  })

  test('EOF alone does not close', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    left.end()
    await sink.until(() => sink.has('end'))
    await turns(10)
    expect(sink.log).toEqual(['end'])
    expect(other.log).toEqual([])
  })

  test('onClose comes once, and nothing comes after it', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    left.end()
    right.end()
    await sink.closed
    await other.closed
    right.resume()
    right.write('late')
    right.end()
    right.abort()
    right.close()
    await turns(10)
    expect(sink.log).toEqual(['end', 'close'])
    expect(other.log).toEqual(['end', 'close'])
  })

  test('held bytes and the end come before a clean close', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    right.pause()
    right.end()
    left.write('last words')
    left.end()
    await other.until(() => other.has('end'))
    await turns(10)
    right.resume()
    await sink.closed
    expect([sink.text, sink.error, ...sink.log.slice(-2)]).toEqual(['last words', null, 'end', 'close'])
  })
}

function closeTests(connect: Connect): void {
  test('close sends what was written, then the end', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    left.write('x'.repeat(500_000))
    left.write('head', true)
    left.close()
    await sink.until(() => sink.has('end'))
    expect(sink.length).toBe(500_004)
    right.end()
    await other.closed
    expect(other.log).toEqual(['close'])
    expect(other.error).toBeNull()
  })

  test('close inside onData ends the calls', async () => {
    const { left, right, sink, other } = await connect()
    sink.onChunk = () => right.close()
    right.start(sink)
    left.start(other)
    left.write('one')
    await sink.closed
    expect(sink.log).toEqual(['data', 'close'])
    expect(sink.faults).toEqual([])
  })
}

function abortTests(connect: Connect, options: IoSuiteOptions): void {
  test('abort is followed by onClose, asynchronously, and drops what is queued', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    right.pause()
    const piece = new Uint8Array(100_000)
    while (left.write(piece) !== FULL);
    left.abort()
    expect(other.log).toEqual([])
    await other.closed
    expect(other.log).toEqual(['close'])
    right.resume()
    await sink.until(() => sink.has('close') || sink.has('end') || sink.has('writeError'))
  })

  test('abort inside onData ends the calls', async () => {
    const { left, right, sink, other } = await connect()
    sink.onChunk = () => right.abort()
    right.start(sink)
    left.start(other)
    left.write('one')
    await sink.closed
    await turns(5)
    expect(sink.log).toEqual(['data', 'close'])
    expect(sink.faults).toEqual([])
  })

  test.runIf(options.hasReset)('a reset is an error and no end', async () => {
    const { left, right, sink, other } = await connect()
    left.start(other)
    right.start(sink)
    left.write('half of it')
    await sink.until(() => sink.text === 'half of it')
    left.abort()
    await sink.closed
    expect(sink.has('end')).toBe(false)
    expect(sink.error).not.toBeNull()
  })

  test('abort before start still gives onClose', async () => {
    const { right, sink } = await connect()
    right.abort()
    await turns(5)
    right.start(sink)
    await sink.closed
    expect(sink.log).toEqual(['close'])
  })
}

/** Writes until nothing is taken any more, or `most` bytes are; returns how many were written. */
async function fill(io: Io, sink: RecordingSink, piece: string, most: number): Promise<number> {
  for (let written = 0; ;) {
    const drains = sink.count('drain')
    const answer = io.write(piece)
    written += piece.length
    if (written >= most) return written
    for (let turn = 0; answer === FULL && sink.count('drain') === drains; turn++) {
      if (turn === 100) return written
      await turns(1)
    }
  }
}

/** Writes down what it is told, and every breach of the contract that it sees. */
export class RecordingSink implements IoSink {
  /** `data`, `end`, `drain`, `writeError`, `close`; a run of data is one entry. */
  readonly log: string[]
  readonly faults: string[]
  /** Resolves at `onClose`. */
  readonly closed: Promise<void>
  keeps: boolean
  chunks: number
  error: Error | null
  writeError: Error | null
  onChunk: ((chunk: Uint8Array) => void) | null
  atEnd: (() => void) | null
  private readonly parts: Uint8Array[]
  private readonly waiting: { ready: () => boolean; resolve: () => void }[]
  private busy: boolean
  private isClosed: boolean
  private resolveClosed: () => void

  constructor() {
    this.log = []
    this.faults = []
    this.keeps = true
    this.chunks = 0
    this.error = null
    this.writeError = null
    this.onChunk = null
    this.atEnd = null
    this.parts = []
    this.waiting = []
    this.busy = false
    this.isClosed = false
    this.resolveClosed = () => {}
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve
    })
  }

  get bytes(): Uint8Array {
    const joined = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of this.parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }

  /** Bytes received so far. */
  get length(): number {
    return this.parts.reduce((sum, part) => sum + part.length, 0)
  }

  get text(): string {
    return latin1(this.bytes)
  }

  has(entry: string): boolean {
    return this.log.includes(entry)
  }

  count(entry: string): number {
    return this.log.filter((logged) => logged === entry).length
  }

  /** Resolves as soon as `ready` holds after a call. */
  until(ready: () => boolean): Promise<void> {
    if (ready()) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push({ ready, resolve }))
  }

  onData(chunk: Uint8Array): boolean {
    this.call('data', () => {
      if (chunk.length === 0) this.faults.push('an empty chunk')
      if (this.has('end')) this.faults.push('data after the end')
      this.chunks++
      this.parts.push(chunk.slice())
      this.onChunk?.(chunk)
    })
    return this.keeps
  }

  onEnd(): void {
    this.call('end', () => {
      if (this.log.filter((entry) => entry === 'end').length > 1) this.faults.push('a second end')
      this.atEnd?.()
    })
  }

  onDrain(): void {
    this.call('drain', () => {})
  }

  onWriteError(error: Error): void {
    this.writeError = error
    this.call('writeError', () => {})
  }

  onClose(error: Error | null): void {
    this.error = error
    this.call('close', () => {})
    this.isClosed = true
    this.resolveClosed()
  }

  private call(entry: string, body: () => void): void {
    if (this.busy) this.faults.push(`${entry} inside another call`)
    if (this.isClosed) this.faults.push(`${entry} after close`)
    if (entry !== 'data' || this.log.at(-1) !== 'data') this.log.push(entry)
    this.busy = true
    body()
    this.busy = false
    for (const waiter of [...this.waiting]) {
      if (!waiter.ready()) continue
      this.waiting.splice(this.waiting.indexOf(waiter), 1)
      waiter.resolve()
    }
  }
}

/** Lets the event loop turn `count` times, so that what is ready happens. No wall time is involved. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
