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
  private readonly values: Map<ExtensionKey<unknown>, unknown>

  constructor() {
    this.values = new Map()
  }

  /** How many values there are. */
  get size(): number {
    return this.values.size
  }

  get<T>(key: ExtensionKey<T>): T | undefined {
    return this.values.get(key) as T | undefined
  }

  has(key: ExtensionKey<unknown>): boolean {
    return this.values.has(key)
  }

  /** Stores a value in place of the one before. */
  set<T>(key: ExtensionKey<T>, value: T): this {
    this.values.set(key, value)
    return this
  }

  /** @returns whether there was a value. */
  delete(key: ExtensionKey<unknown>): boolean {
    return this.values.delete(key)
  }

  /** Takes over every value of `other`, in place of its own where both have one. */
  extend(other: Extensions): this {
    for (const [key, value] of other.values) this.values.set(key, value)
    return this
  }

  /** A copy: later changes to one are not seen in the other. The values themselves are shared. */
  clone(): Extensions {
    return new Extensions().extend(this)
  }
}
