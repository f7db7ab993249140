import { AsyncLocalStorage } from 'node:async_hooks'
import { createDenoRuntime, denoRuntime } from '../../src/deno/index.ts'
import { environment, onSignals, runtime } from '../../src/platform/deno.ts'
import { expect, test, vi } from 'vitest'

const EVERY = Uint8Array.from({ length: 256 }, (_, byte) => byte)

test('the platform’s runtime is that of Deno', () => {
  expect(runtime).toBe(denoRuntime)
})

test('text: each byte is one character, and back', () => {
  const { text } = denoRuntime
  const latin1 = text.latin1(EVERY, 0, 256)
  expect(Array.from(latin1, (character) => character.charCodeAt(0))).toEqual([...EVERY])
  expect(text.encodeLatin1(latin1)).toEqual(EVERY)
  expect(text.latin1(EVERY, 65, 68)).toBe('ABC')
  expect(text.utf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0xe2, 0x82, 0xac, 0xff), 0, 7)).toBe('€\ufffd')
  expect(text.utf8Length('€\ud800a')).toBe(7)
  expect(text.encodeUtf8('€\ud800')).toEqual(Uint8Array.of(0xe2, 0x82, 0xac, 0xef, 0xbf, 0xbd))
})

test('deferred work comes after every promise job, in order, and what one throws is told', async () => {
  const errors: unknown[] = []
  const own = createDenoRuntime({ onError: (error) => errors.push(error) })
  const log: string[] = []
  const done = Promise.withResolvers<void>()
  own.defer(() => log.push('first'))
  own.defer(() => {
    throw new Error('no')
  })
  own.defer(() => {
    log.push('last')
    done.resolve()
  })
  void Promise.resolve().then(() => log.push('job'))
  await done.promise
  expect(log).toEqual(['job', 'first', 'last'])
  expect(errors).toMatchObject([{ message: 'no' }])
})

test('an alarm comes, and never too early', async () => {
  const at = denoRuntime.clock.now() + 120
  const fired = await new Promise<number>((resolve) => denoRuntime.timer.alarm({ onAlarm: resolve }).move(at))
  expect(fired).toBeGreaterThanOrEqual(at)
})

test('the asynchronous context of its caller is remembered', async () => {
  const storage = new AsyncLocalStorage<string>()
  const call = storage.run('mine', () => denoRuntime.snapshot?.())
  expect(
    await new Promise((resolve) => denoRuntime.defer(() => resolve(call?.(() => storage.getStore())))),
  ).toBe('mine')
})

test('failures are printed once each', () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const own = createDenoRuntime()
  for (let times = 0; times < 3; times++)
    own.onError(Object.assign(new Error(`no ${times}`), { code: 'AGAIN' }))
  const lines = printed.mock.calls.map(([line]) => String(line))
  printed.mockRestore()
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('no 0')
})

test('signals are heard until that is given up, and once for one name', async () => {
  const heard: string[] = []
  let tell = (): void => {}
  const first = new Promise<void>((resolve) => (tell = resolve))
  const stop = onSignals(['SIGUSR2', 'SIGUSR2'], (name) => {
    heard.push(name)
    tell()
  })
  process.kill(process.pid, 'SIGUSR2')
  await first
  stop()
  stop()
  expect(heard).toEqual(['SIGUSR2'])
  expect(() => onSignals(['SIGUSR2', 'SIGNOTHING'], () => {})).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('SIGNOTHING') }),
  )
})

test('the environment, as far as it may be read', () => {
  vi.stubEnv('HYPER_TEST_VALUE', 'there')
  expect([environment['HYPER_TEST_VALUE'], environment['HYPER_TEST_NOTHING']]).toEqual(['there', undefined])
  vi.unstubAllEnvs()
})
