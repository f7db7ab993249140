import { amount, count, type HyperError } from '@hyper/core/error'
import type { Clock } from '@hyper/core/rt'
import { canceled } from './failure.ts'
import { lookUp, type ResolvedAddress, type Resolver } from './resolver.ts'

// cachedResolver: a memory in front of a resolver. In: lookups, many at a time. Out: what is known and fresh at once; for
// the rest one lookup per name, which all who ask for that name share. What is stale is never given, also not when the
// lookup after it fails.

/** How a {@link cachedResolver} remembers. Times are milliseconds. */
export interface CachedResolverOptions {
  /** Says how old an answer is. */
  readonly runtime: { readonly clock: Pick<Clock, 'now'> }
  /** The least time for which an answer is kept, whatever its TTL says. Default 0. */
  readonly minTtl?: number | undefined
  /** The longest. Default 300,000. */
  readonly maxTtl?: number | undefined
  /** For answers without a TTL, as those of the system's own resolver. Default 10,000. */
  readonly defaultTtl?: number | undefined
  /**
   * How long a failure is kept. Default 0: those who wait for a lookup share its failure, and whoever comes later asks
   * again. A name that has just been added is found at once.
   */
  readonly negativeTtl?: number | undefined
  /** Names that are kept; beyond it, the one that was not asked for the longest is dropped. Default 1,000. */
  readonly maxEntries?: number | undefined
}

/** What a cache does that is told nothing. */
export const CACHE_DEFAULTS: Readonly<
  Record<'minTtl' | 'maxTtl' | 'defaultTtl' | 'negativeTtl' | 'maxEntries', number>
> = {
  minTtl: 0,
  maxTtl: 300_000,
  defaultTtl: 10_000,
  negativeTtl: 0,
  maxEntries: 1_000,
}

/** A resolver that remembers. */
export interface CachedResolver extends Resolver {
  /** Names that are kept at present. */
  readonly size: number
  /** Drops what is known of one name. */
  forget(host: string): void
  /** Drops everything. */
  clear(): void
}

/**
 * Puts a memory in front of a resolver. Lookups of one name at one time are one; giving up one of those who wait does not
 * disturb the others, and the lookup is given up with the last of them.
 * @throws HyperError `INVALID_OPTION`
 */
export function cachedResolver(resolver: Resolver, options: CachedResolverOptions): CachedResolver {
  return new Cache(resolver, options)
}

interface Entry {
  /** Null for a failure. */
  readonly addresses: readonly ResolvedAddress[] | null
  readonly error: HyperError | null
  readonly until: number
}

class Cache implements CachedResolver {
  private readonly resolver: Resolver
  private readonly clock: Pick<Clock, 'now'>
  private readonly minTtl: number
  private readonly maxTtl: number
  private readonly defaultTtl: number
  private readonly negativeTtl: number
  private readonly maxEntries: number
  /** In the order of their last use. */
  private readonly entries: Map<string, Entry>
  private readonly lookups: Map<string, Lookup>

  constructor(resolver: Resolver, options: CachedResolverOptions) {
    this.resolver = resolver
    this.clock = options.runtime.clock
    this.minTtl = amount('minTtl', options.minTtl, CACHE_DEFAULTS.minTtl, 0)
    this.maxTtl = amount('maxTtl', options.maxTtl, CACHE_DEFAULTS.maxTtl, 0)
    this.defaultTtl = amount('defaultTtl', options.defaultTtl, CACHE_DEFAULTS.defaultTtl, 0)
    this.negativeTtl = amount('negativeTtl', options.negativeTtl, CACHE_DEFAULTS.negativeTtl, 0)
    this.maxEntries = count('maxEntries', options.maxEntries, CACHE_DEFAULTS.maxEntries, 0)
    this.entries = new Map()
    this.lookups = new Map()
  }

  get size(): number {
    return this.entries.size
  }

  resolve(host: string, signal: AbortSignal): Promise<readonly ResolvedAddress[]> {
    if (signal.aborted) return Promise.reject(canceled(signal, 'dns', host))
    const key = host.toLowerCase()
    const known = this.fresh(key)
    if (known !== null) {
      return known.addresses === null ? Promise.reject(known.error) : Promise.resolve(known.addresses)
    }
    return (this.lookups.get(key) ?? this.begin(key)).join(signal)
  }

  forget(host: string): void {
    const key = host.toLowerCase()
    this.entries.delete(key)
    this.resolver.forget?.(key)
  }

  clear(): void {
    this.entries.clear()
  }

  private fresh(key: string): Entry | null {
    const entry = this.entries.get(key)
    if (entry === undefined) return null
    this.entries.delete(key)
    if (entry.until <= this.clock.now()) return null
    this.entries.set(key, entry)
    return entry
  }

  private begin(key: string): Lookup {
    const lookup = new Lookup(key, () => this.lookups.delete(key))
    this.lookups.set(key, lookup)
    lookUp(this.resolver, key, lookup.signal).then(
      (addresses) => {
        this.keep(key, { addresses, error: null, until: this.clock.now() + this.lifeOf(addresses) })
        lookup.resolve(addresses)
      },
      (error: HyperError) => {
        if (!error.isCanceled()) {
          this.keep(key, { addresses: null, error, until: this.clock.now() + this.negativeTtl })
        }
        lookup.reject(error)
      },
    )
    return lookup
  }

  private lifeOf(addresses: readonly ResolvedAddress[]): number {
    let life = Infinity
    for (const { ttl } of addresses) life = Math.min(life, isTtl(ttl) ? ttl * 1000 : this.defaultTtl)
    return Math.max(this.minTtl, Math.min(this.maxTtl, life))
  }

  private keep(key: string, entry: Entry): void {
    const now = this.clock.now()
    this.entries.delete(key)
    if (entry.until <= now) return
    this.entries.set(key, entry)
    if (this.entries.size <= this.maxEntries) return
    for (const [name, { until }] of this.entries) if (until <= now) this.entries.delete(name)
    for (const name of this.entries.keys()) {
      if (this.entries.size <= this.maxEntries) break
      this.entries.delete(name)
    }
  }
}

/** A resolver of one's own may say anything; what is no number would never end. */
function isTtl(ttl: unknown): ttl is number {
  return typeof ttl === 'number' && ttl >= 0
}

/** One lookup, and all who wait for it. */
class Lookup {
  private readonly host: string
  private readonly over: () => void
  private readonly controller: AbortController
  private readonly waiting: Set<Waiter>

  constructor(host: string, over: () => void) {
    this.host = host
    this.over = over
    this.controller = new AbortController()
    this.waiting = new Set()
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  join(signal: AbortSignal): Promise<readonly ResolvedAddress[]> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.waiting.delete(waiter)
        reject(canceled(signal, 'dns', this.host))
        if (this.waiting.size > 0) return
        this.over()
        this.controller.abort(signal.reason)
      }
      const settle = (): void => signal.removeEventListener('abort', onAbort)
      const waiter: Waiter = { resolve, reject, settle }
      this.waiting.add(waiter)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  resolve(addresses: readonly ResolvedAddress[]): void {
    for (const waiter of this.end()) waiter.resolve(addresses)
  }

  reject(error: HyperError): void {
    for (const waiter of this.end()) waiter.reject(error)
  }

  private end(): Waiter[] {
    const waiting = [...this.waiting]
    if (waiting.length > 0) this.over()
    this.waiting.clear()
    for (const waiter of waiting) waiter.settle()
    return waiting
  }
}

interface Waiter {
  readonly resolve: (addresses: readonly ResolvedAddress[]) => void
  readonly reject: (error: HyperError) => void
  readonly settle: () => void
}
