// Extensions: typed side values that travel with a message or an exchange, under keys that only their makers hold.
// Nothing here reaches the wire.

declare const VALUE: unique symbol

/** Names one kind of value. Two keys are never the same, whatever their names. */
export interface ExtensionKey<T> {
  readonly name: string
  /** Only for the compiler: the type of the value. */
  readonly [VALUE]?: T
}

/** Makes a key. Make it once, in the module that owns the value. */
export function extensionKey<T>(name: string): ExtensionKey<T> {
  return Object.freeze({ name })
}

/** At most one value per key. */
export class Extensions {
  // Most have one value: a Map is made for the second.
  private key: ExtensionKey<unknown> | null
  private value: unknown
  private more: Map<ExtensionKey<unknown>, unknown> | null

  constructor() {
    this.key = null
    this.value = undefined
    this.more = null
  }

  /** How many values there are. */
  get size(): number {
    return (this.key === null ? 0 : 1) + (this.more?.size ?? 0)
  }

  get<T>(key: ExtensionKey<T>): T | undefined {
    return (key === this.key ? this.value : this.more?.get(key)) as T | undefined
  }

  has(key: ExtensionKey<unknown>): boolean {
    return key === this.key || (this.more?.has(key) ?? false)
  }

  /** Stores a value in place of the one before. */
  set<T>(key: ExtensionKey<T>, value: T): this {
    if (key === this.key || (this.key === null && this.more === null)) {
      this.key = key
      this.value = value
    } else {
      this.more ??= new Map()
      this.more.set(key, value)
    }
    return this
  }

  /** @returns whether there was a value. */
  delete(key: ExtensionKey<unknown>): boolean {
    if (key !== this.key) return this.more?.delete(key) ?? false
    this.key = null
    this.value = undefined
    return true
  }

  /** Takes over every value of `other`, in place of its own where both have one. */
  extend(other: Extensions): this {
    if (other.key !== null) this.set(other.key, other.value)
    for (const [key, value] of other.more ?? []) this.set(key, value)
    return this
  }

  /** A copy: later changes to one are not seen in the other. The values themselves are shared. */
  clone(): Extensions {
    return new Extensions().extend(this)
  }
}
