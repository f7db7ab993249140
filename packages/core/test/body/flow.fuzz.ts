// Random calls from both sides of a body. Invariant: the sink hears what was pushed, in order and whole, never while
// paused, then exactly one end or one error and nothing after it; after a cancel it hears CANCELED and nothing more.

import { expect, test } from 'vitest'
import {
  type Body,
  type BodySink,
  fuse,
  Incoming,
  limitBody,
  mapBody,
  withTrailers,
} from '../../src/body/index.ts'
import { HyperError } from '../../src/error/index.ts'
import { HeaderMap } from '../../src/http/index.ts'
import { plainText } from '../../src/rt/index.ts'

const WRAPS: ((body: Body) => Body)[] = [
  (body) => body,
  fuse,
  (body) => limitBody(body, 1e9),
  (body) => mapBody(body, (chunk) => chunk),
  (body) => withTrailers(body, new HeaderMap({ sum: '1' })),
  (body) => fuse(mapBody(limitBody(body, 1e9), { trailers: (map) => map })),
]

class Random {
  private seed: number

  constructor(seed: number) {
    this.seed = seed
  }

  below(limit: number): number {
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) >>> 0
    return Math.floor((this.seed / 0x1_0000_0000) * limit)
  }
}

class Checker implements BodySink {
  readonly got: number[] = []
  ending: string | null = null
  isPaused = false
  isCancelled = false
  private hasTrailers = false
  private readonly act: () => void

  constructor(act: () => void) {
    this.act = act
  }

  onData(chunk: Uint8Array): void {
    this.check()
    expect(this.hasTrailers).toBe(false)
    this.got.push(...chunk)
    this.act()
  }

  onTrailers(): void {
    this.check()
    expect(this.hasTrailers).toBe(false)
    this.hasTrailers = true
    this.act()
  }

  onEnd(): void {
    this.check()
    this.ending = 'end'
  }

  onError(error: HyperError): void {
    if (!this.isCancelled) this.check()
    expect(this.ending).toBe(null)
    this.ending = error.code
  }

  private check(): void {
    expect([this.ending, this.isPaused, this.isCancelled]).toEqual([null, false, false])
  }
}

function run(seed: number): void {
  const random = new Random(seed)
  const pushed: number[] = []
  let isDone = false
  let wanted = 0
  const incoming = new Incoming(
    { wanted: () => void wanted++, cancelled: () => void (isDone = true) },
    null,
    plainText,
  )
  const body = WRAPS[random.below(WRAPS.length)]!(incoming)
  const setPaused = (isPaused: boolean): void => {
    // The order tells the sink before anything can arrive.
    sink.isPaused = isPaused
    if (isPaused) body.pause()
    else body.resume()
  }
  const cancel = (): void => {
    if (sink.ending === null) sink.isCancelled = true
    body.cancel('fuzz')
  }
  const sink = new Checker(() => {
    const dice = random.below(40)
    if (dice < 6) setPaused(true)
    else if (dice < 9) {
      setPaused(true)
      setPaused(false)
    } else if (dice === 9) cancel()
    else if (dice < 13) push()
  })
  const push = (): void => {
    if (isDone) return
    const chunk = Uint8Array.from({ length: random.below(4) }, () => random.below(256))
    pushed.push(...chunk)
    incoming.push(chunk)
  }
  const finish = (): void => {
    if (isDone) return
    isDone = true
    if (random.below(3) === 0) incoming.pushError(new HyperError('IO', null, { by: 'io' }))
    else incoming.pushEnd(random.below(2) === 0 ? null : new HeaderMap({ a: '1' }))
  }
  const steps = 5 + random.below(40)
  const startAt = random.below(steps)
  for (let step = 0; step < steps; step++) {
    if (step === startAt && !body.used) body.start(sink)
    const dice = random.below(30)
    if (dice < 14) push()
    else if (dice < 19) setPaused(true)
    else if (dice < 26) setPaused(false)
    else if (dice === 26) finish()
    else if (dice === 27 && random.below(4) === 0) cancel()
  }
  finish()
  while (sink.isPaused) setPaused(false)
  if (sink.isCancelled) {
    expect(sink.got).toEqual(pushed.slice(0, sink.got.length))
    if (sink.ending !== null) expect(sink.ending).toBe('CANCELED')
  } else {
    expect(sink.got).toEqual(pushed)
    expect(['end', 'IO']).toContain(sink.ending)
    expect(body.isEnd).toBe(true)
  }
}

test('a sink hears everything once, in order, and one ending', () => {
  for (let seed = 1; seed <= 10_000; seed++) {
    try {
      run(seed)
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
})
