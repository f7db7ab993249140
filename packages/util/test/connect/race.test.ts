import type { HyperError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { MockIo, VirtualRuntime } from '@hyper/testkit'
import { raceAddresses, type RaceOptions, type SocketAddress } from '@hyper/util/connect'
import { describe, expect, test } from 'vitest'
import { interleave } from '../../src/connect/race.ts'

// RFC 8305 on a virtual clock. The network is a table: after how long an address connects, or fails and how.

type Fate = number | { readonly after: number; readonly code: string } | 'dead'

class Network {
  readonly runtime: VirtualRuntime = new VirtualRuntime()
  /** What happened, with the time since the start. */
  readonly log: string[] = []
  private readonly fates: Readonly<Record<string, Fate>>
  private readonly beganAt: number

  constructor(fates: Readonly<Record<string, Fate>>) {
    this.fates = fates
    this.beganAt = this.runtime.clock.now()
  }

  get elapsed(): number {
    return this.runtime.clock.now() - this.beganAt
  }

  readonly dial = ({ address }: SocketAddress, signal: AbortSignal): Promise<Io> => {
    this.log.push(`${this.elapsed} try ${address}`)
    const fate = this.fates[address] ?? 'dead'
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        alarm.cancel()
        this.log.push(`${this.elapsed} drop ${address}`)
        reject(new Error('aborted'))
      })
      const onAlarm = (): void => {
        if (typeof fate === 'number') {
          resolve(new MockIo({ transport: 'mock', encrypted: false, remoteAddress: address }))
        } else if (fate !== 'dead') {
          this.log.push(`${this.elapsed} fail ${address}`)
          reject(Object.assign(new Error(`connect ${fate.code} ${address}`), { code: fate.code }))
        }
      }
      const alarm = this.runtime.timer.alarm({ onAlarm })
      const after = fate === 'dead' ? Infinity : typeof fate === 'number' ? fate : fate.after
      if (after === 0) onAlarm()
      else alarm.move(this.runtime.clock.now() + after)
    })
  }

  race(addresses: readonly string[], options: Partial<RaceOptions> = {}): Promise<string> {
    const list = addresses.map(
      (address) => ({ address, family: address.includes(':') ? 6 : 4, port: 80 }) as const,
    )
    const { runtime } = this
    const signal = new AbortController().signal
    return raceAddresses(list, this.dial, { runtime, signal, name: 'a.test:80', ...options }).then(
      (io) => `${this.elapsed} connected ${io.peer.remoteAddress}`,
      (error: HyperError) => {
        this.log.push(`${this.elapsed} ${error.code}`)
        throw error
      },
    )
  }

  /** Lets time pass in small steps, so that promises keep up with it. */
  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 10) {
      await new Promise((resolve) => setImmediate(resolve))
      this.runtime.advance(10)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const SIX = '2001:db8::1'
const FOUR = '192.0.2.1'

describe('row 313: addresses are raced', () => {
  test('a dead IPv6 and an IPv4 that takes 270 ms: it connects, 250 ms later', async () => {
    const network = new Network({ [SIX]: 'dead', [FOUR]: 270 })
    const racing = network.race([SIX, FOUR])
    await network.pass(600)
    expect(await racing).toBe(`520 connected ${FOUR}`)
    expect(network.log).toEqual([`0 try ${SIX}`, `250 try ${FOUR}`, `520 drop ${SIX}`])
  })

  test('one dead address of two costs 250 ms', async () => {
    const network = new Network({ [SIX]: 'dead', [FOUR]: 0 })
    const racing = network.race([SIX, FOUR])
    await network.pass(300)
    expect(await racing).toBe(`250 connected ${FOUR}`)
  })

  test('an attempt that is slow may still win: it is not given up for the next', async () => {
    const network = new Network({ [SIX]: 400, [FOUR]: 200 })
    const racing = network.race([SIX, FOUR])
    await network.pass(500)
    expect(await racing).toBe(`400 connected ${SIX}`)
    expect(network.log.at(-1)).toBe(`400 drop ${FOUR}`)
  })

  test('one that fails makes room for the next at once', async () => {
    const network = new Network({ [SIX]: { after: 20, code: 'ECONNREFUSED' }, [FOUR]: 30 })
    const racing = network.race([SIX, FOUR])
    await network.pass(100)
    expect(await racing).toBe(`50 connected ${FOUR}`)
    expect(network.log).toEqual([`0 try ${SIX}`, `20 fail ${SIX}`, `20 try ${FOUR}`])
  })

  test('the first address decides which family goes first; the families take turns', () => {
    const list = (texts: string[]): { family: 4 | 6; text: string }[] =>
      texts.map((text) => ({ text, family: text.startsWith('6') ? 6 : 4 }))
    const order = (texts: string[]): string =>
      interleave(list(texts))
        .map(({ text }) => text)
        .join(' ')
    expect(order(['6a', '6b', '6c', '4a', '4b'])).toBe('6a 4a 6b 4b 6c')
    expect(order(['4a', '6a', '4b', '6b', '6c'])).toBe('4a 6a 4b 6b 6c')
    expect(order(['4a', '4b'])).toBe('4a 4b')
    expect(order([])).toBe('')
  })

  test('the one that wins is the only one that is left: what comes later is torn down', async () => {
    const network = new Network({})
    const ios = [new MockIo(), new MockIo()]
    const ready: ((io: Io) => void)[] = []
    const racing = raceAddresses(
      [
        { address: SIX, family: 6, port: 80 },
        { address: FOUR, family: 4, port: 80 },
      ],
      // Does not heed its signal.
      () => new Promise((resolve) => ready.push(resolve)),
      { runtime: network.runtime, signal: new AbortController().signal },
    )
    network.runtime.advance(250)
    ready[1]!(ios[1]!)
    expect(await racing).toBe(ios[1])
    ready[0]!(ios[0]!)
    await new Promise((resolve) => setImmediate(resolve))
    expect(ios.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(network.runtime.timer.pending).toBe(0)
  })
})

describe('row 313: when none answers', () => {
  test('the first error that is about the destination is told, with all of them behind it', async () => {
    const network = new Network({
      [SIX]: { after: 0, code: 'ENETUNREACH' },
      [FOUR]: { after: 10, code: 'ECONNREFUSED' },
      '192.0.2.2': { after: 10, code: 'ETIMEDOUT' },
    })
    const racing = network.race([SIX, FOUR, '192.0.2.2']).catch((error: unknown) => error)
    await network.pass(100)
    const error = (await racing) as HyperError
    expect(error).toMatchObject({
      code: 'CONNECT',
      phase: 'connect',
      by: 'io',
      retryable: true,
      address: 'a.test:80',
      elapsedMs: 20,
      message:
        'connecting to 192.0.2.1:80 failed: connect ECONNREFUSED 192.0.2.1; 2 other addresses of a.test:80 failed as well',
    })
    const { cause } = error as { cause: AggregateError & { code: string } }
    expect(cause).toBeInstanceOf(AggregateError)
    expect(cause.code).toBe('ECONNREFUSED')
    expect(cause.errors.map(({ cause: { code } }: { cause: { code: string } }) => code)).toEqual([
      'ENETUNREACH',
      'ECONNREFUSED',
      'ETIMEDOUT',
    ])
  })

  test('the error of the only address is told as it is', async () => {
    const network = new Network({ [FOUR]: { after: 0, code: 'ECONNREFUSED' } })
    const racing = network.race([FOUR]).catch((error: unknown) => error)
    await network.pass(10)
    expect(await racing).toMatchObject({
      code: 'CONNECT',
      cause: { code: 'ECONNREFUSED' },
      message: 'connecting to 192.0.2.1:80 failed: connect ECONNREFUSED 192.0.2.1',
    })
  })

  test('no address at all', async () => {
    await expect(new Network({}).race([])).rejects.toMatchObject({ code: 'CONNECT', phase: 'connect' })
  })

  test('a dial that throws at once is a failure like any other', async () => {
    const { runtime } = new Network({})
    const dial = ({ address }: SocketAddress): Promise<Io> => {
      if (address === SIX) throw new TypeError('boom')
      return Promise.resolve(new MockIo())
    }
    const addresses = [
      { address: SIX, family: 6, port: 80 },
      { address: FOUR, family: 4, port: 80 },
    ] as const
    const signal = new AbortController().signal
    expect(await raceAddresses(addresses, dial, { runtime, signal })).toBeInstanceOf(MockIo)
  })
})

describe('row 315: the time to connect is not divided', () => {
  test('every attempt goes on as long as the race does', async () => {
    const addresses = ['2001:db8::1', '192.0.2.1', '2001:db8::2', '192.0.2.2']
    const network = new Network({ '192.0.2.2': 9_000 })
    const racing = network.race(addresses)
    await network.pass(9_750)
    expect(await racing).toBe('9750 connected 192.0.2.2')
    expect(network.log.filter((line) => line.includes('drop')).map((line) => line.split(' ')[0])).toEqual([
      '9750',
      '9750',
      '9750',
    ])
  })
})

describe('giving up', () => {
  test('a signal drops every attempt, and leaves no alarm', async () => {
    const network = new Network({})
    const stop = new AbortController()
    const racing = network.race([SIX, FOUR, '192.0.2.2'], { signal: stop.signal })
    const failed = expect(racing).rejects.toMatchObject({
      code: 'CANCELED',
      by: 'user',
      phase: 'connect',
      cause: { message: 'enough' },
    })
    await network.pass(300)
    stop.abort(new Error('enough'))
    await failed
    expect(network.log).toEqual([
      `0 try ${SIX}`,
      `250 try ${FOUR}`,
      `300 drop ${SIX}`,
      `300 drop ${FOUR}`,
      '300 CANCELED',
    ])
    await network.pass(1_000)
    expect([network.log.length, network.runtime.timer.pending]).toEqual([5, 0])
  })

  test('one that has fired before: nothing begins', async () => {
    const network = new Network({ [FOUR]: 0 })
    await expect(network.race([FOUR], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELED',
    })
    expect(network.log).toEqual(['0 CANCELED'])
  })
})

describe('options', () => {
  test('attemptDelay', async () => {
    const network = new Network({ [FOUR]: 0 })
    const racing = network.race([SIX, FOUR], { attemptDelay: 50 })
    await network.pass(60)
    expect(await racing).toBe(`50 connected ${FOUR}`)
  })

  test('attemptDelay: Infinity tries one after the other', async () => {
    const network = new Network({ [SIX]: { after: 700, code: 'ETIMEDOUT' }, [FOUR]: 0 })
    const racing = network.race([SIX, FOUR], { attemptDelay: Infinity })
    await network.pass(710)
    expect(await racing).toBe(`700 connected ${FOUR}`)
  })

  test('maxAddresses: 16 by default, both families among them', async () => {
    const addresses = Array.from({ length: 1_000 }, (_, at) =>
      at < 500 ? `2001:db8::${at}` : `192.0.${at >> 8}.${at & 255}`,
    )
    const fates = Object.fromEntries(
      addresses.map((address) => [address, { after: 0, code: 'ECONNREFUSED' }]),
    )
    const network = new Network(fates)
    const racing = network
      .race(addresses)
      .catch((error: HyperError) => (error.cause as AggregateError).errors)
    await network.pass(100)
    expect(await racing).toHaveLength(16)
    expect(network.log.filter((line) => line.includes('try 192')).length).toBe(8)
  })

  test('maxAddresses, set', async () => {
    const network = new Network({ '192.0.2.3': 0 })
    const racing = network.race(['192.0.2.1', '192.0.2.2', '192.0.2.3'], { maxAddresses: 2 })
    let isOver = false
    racing.then(
      () => (isOver = true),
      () => (isOver = true),
    )
    await network.pass(1_000)
    expect([isOver, network.log]).toEqual([false, ['0 try 192.0.2.1', '250 try 192.0.2.2']])
  })

  test.each([{ attemptDelay: 9 }, { attemptDelay: Number.NaN }, { maxAddresses: 0 }])(
    'that cannot be: %j',
    (options) => {
      expect(() => new Network({}).race([FOUR], options)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    },
  )

  test('text is no number, and is shown as text', () => {
    expect(() => new Network({}).race([FOUR], { attemptDelay: '250' as unknown as number })).toThrow(
      expect.objectContaining({ message: "attemptDelay must be a number of at least 10, not '250'" }),
    )
  })
})
