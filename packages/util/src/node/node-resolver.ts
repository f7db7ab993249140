import { userError } from '@hyper/core/error'
import type { Runtime } from '@hyper/core/rt'
import { lookup, promises as dns } from 'node:dns'
import { Deferred } from '../connect/deferred.ts'
import { wordsOf } from '../connect/failure.ts'
import { lookUp, noAddress, type ResolvedAddress, type Resolver } from '../connect/resolver.ts'
import { nodeRuntime } from './node-runtime.ts'

// nodeResolver: names to addresses by what Node has. In: a name. Out: what the system's resolver says (hosts file, mDNS and
// all, but no TTL), or what name servers say themselves, with their TTL.

/** Whom a {@link nodeResolver} asks. */
export interface NodeResolverOptions {
  /**
   * `'system'` asks as other programs do (getaddrinfo, in one of libuv's threads), and orders by RFC 6724; `'dns'` asks the name
   * servers, which tell for how long an answer holds. Default `'system'`, or `'dns'` with `servers`.
   */
  readonly from?: 'system' | 'dns' | undefined
  /** Name servers, as `'192.0.2.1'` or `'192.0.2.1:5353'`, in place of the system's. */
  readonly servers?: readonly string[] | undefined
  /** Addresses of this family only. Default: both. */
  readonly family?: 4 | 6 | undefined
  /** Clock and timers. Default: those of Node. */
  readonly runtime?: Pick<Runtime, 'clock' | 'timer'> | undefined
}

/**
 * A resolver of Node's. It remembers nothing: put `cachedResolver` in front of it.
 * @throws HyperError `INVALID_OPTION`
 */
export function nodeResolver(options: NodeResolverOptions = {}): Resolver {
  const { family, runtime = nodeRuntime, servers } = options
  const from = options.from ?? (servers === undefined ? 'system' : 'dns')
  if (from === 'system') {
    if (servers !== undefined) throw userError('INVALID_OPTION', "servers are asked with from: 'dns' only")
    return heeding((host) => systemLookup(host, family))
  }
  if (from !== 'dns') throw userError('INVALID_OPTION', `from must be 'system' or 'dns', not ${String(from)}`)
  return heeding((host, signal) => new Query(host, family, servers, runtime).run(signal))
}

/** A resolver that nobody waits for once the signal has fired: getaddrinfo cannot be stopped. */
function heeding(resolve: Resolver['resolve']): Resolver {
  const inner = { resolve }
  return { resolve: (host, signal) => lookUp(inner, host, signal) }
}

function systemLookup(host: string, family: 4 | 6 | undefined): Promise<readonly ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true, family: family ?? 0 }, (error, addresses) => {
      if (error !== null) reject(noAddress(host, wordsOf(error, REASONS), error))
      else
        resolve(addresses.map(({ address, family: of }) => ({ address, family: of === 6 ? 6 : 4 }) as const))
    })
  })
}

/** How long the addresses of IPv4 wait for those of IPv6 (RFC 8305 §3), so that a lost answer costs next to nothing. */
const RESOLUTION_DELAY = 50

/** Both families of one name, asked for at once. */
class Query {
  private readonly host: string
  private readonly family: 4 | 6 | undefined
  private readonly resolver: dns.Resolver
  private readonly runtime: Pick<Runtime, 'clock' | 'timer'>

  constructor(
    host: string,
    family: 4 | 6 | undefined,
    servers: readonly string[] | undefined,
    runtime: Pick<Runtime, 'clock' | 'timer'>,
  ) {
    this.host = host
    this.family = family
    // One each: `cancel` stops all queries of a resolver.
    this.resolver = new dns.Resolver()
    if (servers !== undefined) this.resolver.setServers(servers)
    this.runtime = runtime
  }

  async run(signal: AbortSignal): Promise<readonly ResolvedAddress[]> {
    // RFC 6761 §6.3: never asked of anybody.
    if (/(?:^|\.)localhost\.?$/i.test(this.host)) return LOOPBACK.filter((one) => this.wants(one.family))
    const cancel = (): void => this.resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await this.ask()
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  private async ask(): Promise<readonly ResolvedAddress[]> {
    const six = this.wants(6) ? this.answerOf(6) : Promise.resolve(NO_ANSWER)
    const four = this.wants(4) ? this.answerOf(4) : Promise.resolve(NO_ANSWER)
    const first = await four
    const late = first.addresses.length === 0 ? await six : await this.soon(six)
    // A name server has no opinion on families: IPv6 goes first (RFC 6724 §2.1).
    const found = [...late.addresses, ...first.addresses]
    if (found.length > 0) return found
    const error = first.error ?? late.error
    throw noAddress(
      this.host,
      error === null ? 'it has no address' : wordsOf(error, REASONS),
      error ?? undefined,
    )
  }

  private async answerOf(family: 4 | 6): Promise<Answer> {
    try {
      const records =
        family === 4
          ? await this.resolver.resolve4(this.host, { ttl: true })
          : await this.resolver.resolve6(this.host, { ttl: true })
      return { addresses: records.map(({ address, ttl }) => ({ address, family, ttl })), error: null }
    } catch (error) {
      return { addresses: [], error: error instanceof Error ? error : new Error(String(error)) }
    }
  }

  /** The answer, or nothing when it does not come soon. */
  private async soon(answer: Promise<Answer>): Promise<Answer> {
    const { clock, timer } = this.runtime
    const late = new Deferred<Answer>()
    const alarm = timer.alarm({ onAlarm: () => late.resolve(NO_ANSWER) })
    alarm.move(clock.now() + RESOLUTION_DELAY)
    const first = await Promise.race([answer, late.promise])
    alarm.cancel()
    return first
  }

  private wants(family: 4 | 6): boolean {
    return this.family === undefined || this.family === family
  }
}

interface Answer {
  readonly addresses: readonly ResolvedAddress[]
  readonly error: Error | null
}

const NO_ANSWER: Answer = { addresses: [], error: null }

const LOOPBACK: readonly ResolvedAddress[] = [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
]

/** What the resolver means, by its code. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'there is no such name'],
  ['ENODATA', 'it has no address'],
  ['EAI_AGAIN', 'no name server answered'],
  ['ETIMEOUT', 'no name server answered'],
  ['ECONNREFUSED', 'there is no name server'],
  ['ESERVFAIL', 'the name server failed'],
  ['EREFUSED', 'the name server refused'],
])
