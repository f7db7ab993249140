import { count } from '@hyper/core/error'

// PoolMap: one pool for each key, made when first asked for. What is empty is forgotten once there are many, so that a
// program that asks a million origins does not remember a million.

/** Pools that are remembered, where nothing else is said. */
export const MAX_POOLS = 1_000

/** How a {@link PoolMap} makes and forgets. */
export interface PoolMapOptions<D, V> {
  /** What two destinations that share a value have in common. */
  readonly keyOf: (destination: D) => unknown
  readonly make: (destination: D) => V
  /** True when nothing is lost by forgetting the value. Default: never. */
  readonly isEmpty?: ((value: V) => boolean) | undefined
  /** Told of each value that is forgotten. */
  readonly onForget?: ((value: V) => void) | undefined
  /** Empty values are forgotten when there would be more than this. Default 1,000. */
  readonly max?: number | undefined
}

/** One value for each key, made when first asked for. */
export class PoolMap<D, V> {
  private readonly options: PoolMapOptions<D, V>
  private readonly entries: Map<unknown, V>
  private readonly max: number
  /** Looks for empty ones beyond this; more than `max` while most are in use. */
  private sweepAt: number

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: PoolMapOptions<D, V>) {
    this.options = options
    this.entries = new Map()
    this.max = count('max', options.max, MAX_POOLS, 1)
    this.sweepAt = this.max
  }

  /** How many values there are. */
  get size(): number {
    return this.entries.size
  }

  /** The value for a destination; made when there is none. */
  get(destination: D): V {
    const key = this.options.keyOf(destination)
    return this.entries.get(key) ?? this.make(key, destination)
  }

  /** The value for a key; undefined when there is none. */
  peek(key: unknown): V | undefined {
    return this.entries.get(key)
  }

  values(): IterableIterator<V> {
    return this.entries.values()
  }

  /** Forgets every value for which `keep` is false. */
  retain(keep: (value: V) => boolean): void {
    for (const [key, value] of this.entries) {
      if (keep(value)) continue
      this.entries.delete(key)
      this.options.onForget?.(value)
    }
  }

  /** Forgets all. */
  clear(): void {
    this.retain(() => false)
  }

  private make(key: unknown, destination: D): V {
    const { isEmpty, make } = this.options
    if (this.entries.size >= this.sweepAt && isEmpty !== undefined) {
      this.retain((value) => !isEmpty(value))
      // Not again at the very next one, when nothing could be forgotten.
      this.sweepAt = Math.max(this.max, this.entries.size * 2)
    }
    const value = make(destination)
    this.entries.set(key, value)
    return value
  }
}
