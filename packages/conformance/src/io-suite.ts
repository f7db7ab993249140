import { afterEach, describe, test } from 'vitest'
import type { Io } from '@hyper/core/rt'
import type { IoCase, IoSuiteOptions } from './io-suite/case.ts'
import { ENDING } from './io-suite/ending.ts'
import { PAUSING } from './io-suite/pausing.ts'
import { READING } from './io-suite/reading.ts'
import { RecordingSink } from './io-suite/recording-sink.ts'
import { WRITING } from './io-suite/writing.ts'

// ioSuite: what every adapter must do, sentence by sentence of core's rt/io.ts. In: a factory that makes connected pairs,
// and what the transport can do. Out: vitest tests. It looks at an Io from outside only, and runs on real transports, so
// that it waits for events and never for the time to pass.

export type { IoPair, IoSuiteOptions } from './io-suite/case.ts'

const CASES: readonly IoCase[] = [...READING, ...PAUSING, ...WRITING, ...ENDING]

/** Why a case is left out, for the report. */
const WITHOUT = {
  hasReset: 'this transport has no reset',
  isHalfOpen: 'this transport closes with the end of its peer',
  noticesWhilePaused: 'this transport sees the end of its peer only when it reads',
} as const satisfies Record<NonNullable<IoCase['needs']>, string>

/** Registers the tests of one adapter. */
export function ioSuite(name: string, options: IoSuiteOptions): void {
  describe(`io: ${name}`, () => {
    const open: Io[] = []
    afterEach(() => {
      for (const io of open.splice(0)) io.abort()
    })
    for (const { name: sentence, needs, run } of CASES) {
      if (needs !== undefined && options[needs] !== undefined && !options[needs]) {
        test.skip(`${sentence} (skipped: ${WITHOUT[needs]})`, () => undefined)
        continue
      }
      test(sentence, async () => {
        const { left, right } = await options.connect()
        open.push(left, right)
        await run({ left, right, sink: new RecordingSink(), other: new RecordingSink() }, options)
      })
    }
  })
}
