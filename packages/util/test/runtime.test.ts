import { HyperError } from '@hyper/core/error'
import type { Runtime } from '@hyper/core/rt'
import { seededRandom, toBytes } from '@hyper/testkit'
import { bunRuntime, createBunRuntime } from '@hyper/util/bun'
import { createNodeRuntime, nodeRuntime } from '@hyper/util/node'
import { createWebRuntime, webRuntime } from '@hyper/util/web'
import { describe, expect, test, vi } from 'vitest'

const runtimes: [string, Runtime, (onError: (error: unknown) => void) => Runtime][] = [
  ['node', nodeRuntime, (onError) => createNodeRuntime({ onError })],
  ['bun', bunRuntime, (onError) => createBunRuntime({ onError })],
  ['web', webRuntime, (onError) => createWebRuntime({ onError })],
]

describe.each(runtimes)('%s runtime', (_name, runtime, create) => {
  test('the clock never goes back, and wall is the time of day', () => {
    let last = runtime.clock.now()
    for (let round = 0; round < 10_000; round++) {
      const now = runtime.clock.now()
      expect(now >= last).toBe(true)
      last = now
    }
    expect(Math.abs(runtime.clock.wall() - Date.now())).toBeLessThan(5_000)
  })

  test('defer comes after microtasks, in order, once', async () => {
    const order: string[] = []
    runtime.defer(() => order.push('first'))
    runtime.defer(() => {
      order.push('second')
      runtime.defer(() => order.push('next turn'))
    })
    await Promise.resolve().then(() => order.push('microtask'))
    await new Promise<void>((resolve) => runtime.defer(() => runtime.defer(() => runtime.defer(resolve))))
    expect(order).toEqual(['microtask', 'first', 'second', 'next turn'])
  })

  test('a deferred task that throws is reported, and the others run', async () => {
    const errors: unknown[] = []
    const own = create((error) => errors.push(error))
    let ran = false
    await new Promise<void>((resolve) => {
      own.defer(() => {
        throw new Error('boom')
      })
      own.defer(() => {
        ran = true
      })
      own.defer(resolve)
    })
    expect([ran, errors.map(String)]).toEqual([true, ['Error: boom']])
  })

  test('onError must not throw, even when the reporter does', () => {
    const own = create(() => {
      throw new Error('reporter')
    })
    expect(() => own.onError(new Error('boom'))).not.toThrow()
  })

  test('an alarm of the platform fires, not before its time', async () => {
    const at = runtime.clock.now() + 20
    const now = await new Promise<number>((resolve) => {
      runtime.timer.alarm({ onAlarm: resolve }).move(at)
      // The wheel keeps no process alive; this does, and is no wait.
      const keep = setInterval(() => {}, 1_000)
      runtime.timer.alarm({ onAlarm: () => clearInterval(keep) }).move(at)
    })
    expect(now).toBeGreaterThanOrEqual(at)
  })

  test('text: Latin-1 is one character per byte, of any view', () => {
    const all = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff)
    const text = runtime.text.latin1(all, 0, 256)
    expect(text.length).toBe(256)
    for (let code = 0; code < 256; code++) expect(text.charCodeAt(code)).toBe(code)
    expect(runtime.text.latin1(all.subarray(65), 0, 3)).toBe('ABC')
    expect(runtime.text.latin1(Buffer.from('xAByz').subarray(1), 0, 2)).toBe('AB')
    expect(runtime.text.latin1(all, 5, 5)).toBe('')
    expect([...runtime.text.encodeLatin1(text)]).toEqual([...all.subarray(0, 256)])
  })

  test('text: UTF-8 as TextDecoder and TextEncoder have it', () => {
    const reference = new TextDecoder()
    const random = seededRandom(11)
    for (let round = 0; round < 2_000; round++) {
      const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
        random() < 0.5 ? 0x80 + Math.floor(random() * 0x80) : Math.floor(random() * 256),
      )
      expect(runtime.text.utf8(bytes, 0, bytes.length)).toBe(reference.decode(bytes))
    }
    const marked = toBytes('\xef\xbb\xbfa\xef\xbb\xbf')
    expect(runtime.text.utf8(marked, 0, marked.length)).toBe('a\ufeff')
    expect(runtime.text.utf8(marked, 0, 2)).toBe(reference.decode(marked.subarray(0, 2)))
    expect([...runtime.text.encodeUtf8('a\ud800é€😀')]).toEqual([...new TextEncoder().encode('a\ud800é€😀')])
    for (const text of ['', 'ASCII \x7f', 'é', 'a\ud800é€😀', '\udc00', 'x'.repeat(5_000)])
      expect(runtime.text.utf8Length(text)).toBe(new TextEncoder().encode(text).length)
  })
})

describe('by default the node runtime warns', () => {
  interface Warned {
    readonly message: string
    readonly type: string
    readonly code: string
    readonly detail?: string
  }

  /** What the work has the process warned of; nothing is printed. */
  function warningsOf(work: (runtime: Runtime) => void): Warned[] {
    const warnings: Warned[] = []
    const spy = vi.spyOn(process, 'emitWarning').mockImplementation(((message: string, rest: object) => {
      warnings.push({ message, ...rest } as Warned)
    }) as typeof process.emitWarning)
    work(createNodeRuntime())
    spy.mockRestore()
    return warnings
  }

  test('once for each failure, whatever its messages say', () => {
    const warnings = warningsOf((runtime) => {
      for (let round = 0; round < 3; round++) {
        runtime.onError(Object.assign(new Error(`round ${round}`), { code: 'E_ONE' }))
        runtime.onError(new TypeError('typed'))
        runtime.onError('text')
      }
    })
    expect(warnings.map(({ type, code, message }) => [type, code, message])).toEqual([
      ['HyperBackgroundError', 'E_ONE', 'round 0'],
      ['HyperBackgroundError', 'TypeError', 'typed'],
      ['HyperBackgroundError', 'string', 'text'],
    ])
  })

  test('of failures of one kind that come from different lines, or have different causes', () => {
    const warnings = warningsOf((runtime) => {
      runtime.onError(new TypeError('here'))
      runtime.onError(new TypeError('there'))
      for (const cause of [new RangeError('first'), new SyntaxError('second')])
        runtime.onError(new HyperError('BODY_FAILED', null, { by: 'user', cause }))
    })
    expect(warnings.map(({ message }) => message)).toEqual([
      'here',
      'there',
      'the given body failed',
      'the given body failed',
    ])
    expect(warnings[2]?.detail).toContain('[cause]: RangeError: first')
    expect(warnings[3]?.detail).toContain('[cause]: SyntaxError: second')
  })

  test('of a hundred at most', () => {
    const warnings = warningsOf((runtime) => {
      for (let i = 0; i < 150; i++) runtime.onError(Object.assign(new Error('many'), { code: `E_${i}` }))
    })
    expect(warnings.map(({ code }) => code)).toEqual(Array.from({ length: 100 }, (_, i) => `E_${i}`))
  })
})
