import type { Alarm } from '@hyper/core/rt'
import { seededRandom } from '@hyper/testkit'
import { CoarseTimer } from '@hyper/util/node'
import { expect, test } from 'vitest'

/** A platform that stands still: `to` moves the time and runs what is due on the way. */
class Platform {
  time = 0
  scheduled: { task: () => void; at: number } | null = null
  schedules = 0
  readonly errors: unknown[] = []
  now(): number {
    return this.time
  }
  schedule(task: () => void, ms: number): unknown {
    if (this.scheduled !== null) throw new Error('two platform timers at a time')
    this.schedules++
    this.scheduled = { task, at: this.time + ms }
    return this.scheduled
  }
  unschedule(handle: unknown): void {
    if (this.scheduled === handle) this.scheduled = null
  }
  onError(error: unknown): void {
    this.errors.push(error)
  }
  /** The platform's timer fires now, whatever the time. */
  wake(): void {
    const scheduled = this.scheduled
    this.scheduled = null
    scheduled?.task()
  }
  to(time: number): void {
    while (this.scheduled !== null && this.scheduled.at <= time) {
      const { task, at } = this.scheduled
      this.scheduled = null
      this.time = at
      task()
    }
    this.time = time
  }
}

function setup(startAt = 12_345.678): {
  platform: Platform
  timer: CoarseTimer
  fired: [string, number][]
  readonly alarm: (name: string) => Alarm
} {
  const platform = new Platform()
  platform.time = startAt
  const timer = new CoarseTimer(platform)
  const fired: [string, number][] = []
  const alarm = (name: string): Alarm => timer.alarm({ onAlarm: (now) => fired.push([name, now]) })
  return { platform, timer, fired, alarm }
}

test('an alarm fires once, never early, at most one slot late', () => {
  const { platform, fired, alarm } = setup()
  const at = platform.time + 1_000
  alarm('a').move(at)
  platform.to(at - 0.001)
  expect(fired).toEqual([])
  platform.to(at + 51)
  expect(fired.map(([name]) => name)).toEqual(['a'])
  expect(fired[0]?.[1]).toBeGreaterThanOrEqual(at)
  platform.to(at + 200_000)
  expect(fired.length).toBe(1)
})

test('nothing armed, nothing scheduled', () => {
  const { platform, timer, alarm } = setup()
  const one = alarm('a')
  expect(platform.scheduled).toBeNull()
  one.move(platform.time + 500)
  expect(platform.scheduled).not.toBeNull()
  one.cancel()
  expect(platform.scheduled).toBeNull()
  expect(timer.size).toBe(0)
  one.move(platform.time + 500)
  expect(platform.scheduled).toBeNull()
})

test('the timer stops after the last alarm has fired', () => {
  const { platform, timer, fired, alarm } = setup()
  alarm('a').move(platform.time + 100)
  platform.to(platform.time + 1_000)
  expect(fired.length).toBe(1)
  expect([platform.scheduled, timer.size]).toEqual([null, 0])
})

test('moving later is a store: no scheduling, and the alarm is linked anew when its slot comes up', () => {
  const { platform, fired, alarm } = setup(0)
  const one = alarm('a')
  one.move(1_000)
  const before = platform.schedules
  for (let at = 1_001; at < 2_000; at++) one.move(at)
  expect(platform.schedules).toBe(before)
  platform.to(1_999)
  expect(fired).toEqual([])
  platform.to(2_050)
  expect(fired).toEqual([['a', 2_000]])
})

test('moving earlier links anew', () => {
  const { platform, fired, alarm } = setup(0)
  const one = alarm('a')
  one.move(60_000)
  one.move(100)
  platform.to(150)
  expect(fired).toEqual([['a', 100]])
})

test('Infinity disarms, and the alarm can be armed again', () => {
  const { platform, timer, fired, alarm } = setup(0)
  const one = alarm('a')
  one.move(100)
  one.move(Infinity)
  platform.to(500)
  expect(fired).toEqual([])
  expect([timer.size, platform.scheduled]).toEqual([0, null])
  one.move(600)
  platform.to(700)
  expect(fired).toEqual([['a', 600]])
})

test('a time in the past fires at the next slot', () => {
  const { platform, fired, alarm } = setup(1_000)
  alarm('a').move(5)
  expect(fired).toEqual([])
  platform.to(1_050)
  expect(fired).toEqual([['a', 1_050]])
})

test('an alarm far beyond the wheel fires at its time', () => {
  const { platform, fired, alarm } = setup(0)
  alarm('a').move(300_000)
  platform.to(299_999)
  expect(fired).toEqual([])
  platform.to(300_050)
  expect(fired).toEqual([['a', 300_000]])
})

test('after a long sleep everything due fires at once', () => {
  const { platform, fired, alarm } = setup(0)
  alarm('later').move(70_000)
  alarm('sooner').move(30_000)
  alarm('not yet').move(2_000_000)
  // The machine was suspended: the platform timer wakes up late.
  platform.time = 1_000_000
  platform.wake()
  expect(fired.map(([name]) => name).toSorted()).toEqual(['later', 'sooner'])
  platform.to(2_000_050)
  expect(fired.at(-1)).toEqual(['not yet', 2_000_000])
})

test('an alarm may move, cancel and arm others while it fires', () => {
  const { platform, timer, fired, alarm } = setup(0)
  const victim = alarm('victim')
  const moved = alarm('moved')
  const again: Alarm = timer.alarm({
    onAlarm: (now) => {
      fired.push(['again', now])
      victim.cancel()
      moved.move(400)
      if (now < 300) again.move(now + 100)
    },
  })
  again.move(100)
  victim.move(100)
  moved.move(100)
  platform.to(1_000)
  expect(fired).toEqual([
    ['again', 100],
    ['again', 200],
    ['again', 300],
    ['moved', 400],
  ])
  expect(timer.size).toBe(0)
})

test('a target that throws is reported, and the others fire', () => {
  const { platform, timer, fired, alarm } = setup(0)
  timer
    .alarm({
      onAlarm: () => {
        throw new Error('boom')
      },
    })
    .move(100)
  alarm('b').move(100)
  platform.to(200)
  expect(platform.errors.map(String)).toEqual(['Error: boom'])
  expect(fired).toEqual([['b', 100]])
})

test('the platform may wake the wheel too early', () => {
  const { platform, fired, alarm } = setup(0)
  alarm('a').move(100)
  platform.time = 99.5
  platform.wake()
  expect(fired).toEqual([])
  platform.to(101)
  expect(fired.map(([name]) => name)).toEqual(['a'])
})

test('100,000 alarms at random times fire in time, against a model', () => {
  const { platform, timer } = setup(0)
  const random = seededRandom(7)
  let early = 0
  let late = 0
  let count = 0
  let cancelled = 0
  for (let index = 0; index < 100_000; index++) {
    let at = 0
    const alarm = timer.alarm({
      onAlarm: (now) => {
        count++
        if (now < at) early++
        if (now > at + 51) late++
      },
    })
    at = random() * 120_000
    alarm.move(at)
    const dice = random()
    if (dice < 0.3) alarm.move((at += random() * 10_000))
    else if (dice < 0.6) alarm.move((at = random() * at))
    else if (dice < 0.7) {
      alarm.cancel()
      cancelled++
    }
  }
  platform.to(140_000)
  expect({ early, late, count, size: timer.size }).toEqual({
    early: 0,
    late: 0,
    count: 100_000 - cancelled,
    size: 0,
  })
  expect(cancelled).toBeGreaterThan(9_000)
})
