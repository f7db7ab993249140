import { amount, count, HyperError } from '@hyper/core/error'
import type { Alarm, AlarmTarget, Io, Runtime } from '@hyper/core/rt'
import { hostPort, type SocketAddress } from './address.ts'
import { Deferred } from './deferred.ts'
import { canceled, connectError, ownError, systemCode } from './failure.ts'

// raceAddresses: several addresses of one destination, as RFC 8305 §5 wants them tried. In: addresses, best first, and who
// dials one. Out: the first stream that is there; the other attempts are given up.
//
//     0 ms   ── first address ──────────────────────────►
//   250 ms        ── second, of the other family ──────►      or at once when an attempt has failed
//   500 ms             ── third ───────────────────────►
//
// An attempt that has begun goes on until somebody wins: the time to connect is that of the whole race, and is not
// divided among the addresses.

/** Opens one connection to one address. Heeds the signal, and has torn everything down when it rejects. */
export type Dial = (address: SocketAddress, signal: AbortSignal) => Promise<Io>

/** How a race is run. */
export interface RaceOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timer'>
  /** Gives all attempts up: `CANCELED`. */
  readonly signal: AbortSignal
  /** Milliseconds from one attempt to the next; at least 10, Infinity for one after the other. Default 250 (RFC 8305 §8). */
  readonly attemptDelay?: number | undefined
  /** How many are tried at most, both families among them. Default 16. */
  readonly maxAddresses?: number | undefined
  /** Who is being connected to, for messages. Default: the first address. */
  readonly name?: string | undefined
}

/** Milliseconds. */
export const ATTEMPT_DELAY = 250
/** Of one destination. A name server that names thousands does not make us knock at thousands of doors. */
export const MAX_ADDRESSES = 16

/**
 * Connects to the first address that answers. The families take turns, that of the first address begins.
 *
 * Rejects with a HyperError: that of the only attempt; or, after several, `CONNECT` with the message of the first one that
 * says something about the destination (rather than that we have no route for its family), and an `AggregateError` of
 * all attempts as `cause`. `CANCELED` when the signal has fired.
 * @throws HyperError `INVALID_OPTION`
 */
export function raceAddresses(
  addresses: readonly SocketAddress[],
  dial: Dial,
  options: RaceOptions,
): Promise<Io> {
  const delay = amount('attemptDelay', options.attemptDelay, ATTEMPT_DELAY, 10)
  const most = count('maxAddresses', options.maxAddresses, MAX_ADDRESSES, 1)
  const [first] = addresses
  const name = options.name ?? (first === undefined ? '' : hostPort(first.address, first.port))
  if (options.signal.aborted) return Promise.reject(canceled(options.signal, 'connect', name))
  if (first === undefined)
    return Promise.reject(
      connectError('CONNECT', `${name} has no address`, { phase: 'connect', address: name }),
    )
  return new Race(interleave(addresses).slice(0, most), dial, options, delay, name).run()
}

/** The families in turn, that of the first address first (RFC 8305 §4); within a family the order stays. */
export function interleave<Address extends { readonly family: 4 | 6 }>(
  addresses: readonly Address[],
): Address[] {
  const preferred = addresses[0]?.family
  const lead = addresses.filter(({ family }) => family === preferred)
  const other = addresses.filter(({ family }) => family !== preferred)
  const mixed: Address[] = []
  for (let at = 0; at < lead.length || at < other.length; at++)
    mixed.push(...pick(lead, at), ...pick(other, at))
  return mixed
}

function pick<Value>(values: readonly Value[], at: number): Value[] {
  return values.slice(at, at + 1)
}

class Race implements AlarmTarget {
  private readonly addresses: readonly SocketAddress[]
  private readonly dial: Dial
  private readonly options: RaceOptions
  private readonly delay: number
  private readonly name: string
  private readonly result: Deferred<Io>
  private readonly running: Set<AbortController>
  /** In the order in which attempts began. */
  private readonly errors: (HyperError | null)[]
  private readonly beganAt: number
  private readonly onAbort: () => void
  private alarm: Alarm | null
  private isOver: boolean

  constructor(
    addresses: readonly SocketAddress[],
    dial: Dial,
    options: RaceOptions,
    delay: number,
    name: string,
  ) {
    this.addresses = addresses
    this.dial = dial
    this.options = options
    this.delay = delay
    this.name = name
    this.result = new Deferred()
    this.running = new Set()
    this.errors = []
    this.beganAt = options.runtime.clock.now()
    this.onAbort = () => this.end(canceled(options.signal, 'connect', name))
    this.alarm = null
    this.isOver = false
  }

  run(): Promise<Io> {
    this.options.signal.addEventListener('abort', this.onAbort)
    if (this.addresses.length > 1) this.alarm = this.options.runtime.timer.alarm(this)
    this.begin()
    return this.result.promise
  }

  /** Nobody has won yet: one more joins. */
  onAlarm(): void {
    if (!this.isOver) this.begin()
  }

  private begin(): void {
    const index = this.errors.length
    const address = this.addresses[index]
    if (address === undefined) return
    this.errors.push(null)
    const controller = new AbortController()
    this.running.add(controller)
    const isLast = index === this.addresses.length - 1
    this.alarm?.move(isLast ? Infinity : this.options.runtime.clock.now() + this.delay)
    dialled(this.dial, address, controller.signal).then(
      (io) => this.won(io, controller),
      (error: unknown) => this.failed(error, index, controller),
    )
  }

  private won(io: Io, controller: AbortController): void {
    if (this.isOver) {
      io.abort()
      return
    }
    this.running.delete(controller)
    this.settle()
    this.result.resolve(io)
    this.giveUp()
  }

  private failed(error: unknown, index: number, controller: AbortController): void {
    this.running.delete(controller)
    if (this.isOver) return
    const { address = '', port = 0 } = this.addresses[index] ?? {}
    this.errors[index] = ownError(error, 'CONNECT', 'connect', hostPort(address, port))
    if (this.errors.length < this.addresses.length) this.begin()
    else if (this.running.size === 0) this.end(this.failure())
  }

  private failure(): HyperError {
    const errors = this.errors.filter((error) => error !== null)
    const told = errors.find((error) => !NO_ROUTE.has(systemCode(error.cause))) ?? errors[0]
    if (told === undefined || errors.length === 1) return told ?? this.lost()
    const others = errors.length === 2 ? 'another address' : `${errors.length - 1} other addresses`
    const cause = Object.assign(new AggregateError(errors, 'no address answered'), {
      code: systemCode(told.cause) || told.code,
    })
    return connectError(told.code, `${told.message}; ${others} of ${this.name} failed as well`, {
      phase: told.phase ?? 'connect',
      address: this.name,
      elapsedMs: this.options.runtime.clock.now() - this.beganAt,
      cause,
    })
  }

  private lost(): HyperError {
    return connectError('CONNECT', `no address of ${this.name} answered`, {
      phase: 'connect',
      address: this.name,
    })
  }

  private end(error: HyperError): void {
    if (this.isOver) return
    this.settle()
    this.result.reject(error)
    this.giveUp()
  }

  private giveUp(): void {
    for (const controller of this.running) controller.abort()
    this.running.clear()
  }

  private settle(): void {
    this.isOver = true
    this.alarm?.cancel()
    this.options.signal.removeEventListener('abort', this.onAbort)
  }
}

/** What is thrown at once is a rejection as well. */
async function dialled(dial: Dial, address: SocketAddress, signal: AbortSignal): Promise<Io> {
  return dial(address, signal)
}

/** We have no way to that family, or no address of our own in it: nothing that the destination could help. */
const NO_ROUTE: ReadonlySet<string> = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])
