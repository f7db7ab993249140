import { HeaderMap, headerName } from '@hyper/core/http'
import { standIn } from './stand-in.ts'

// FetchHeaders: the Fetch standard's view of a HeaderMap. In: a map of the engine's. Out: what `Headers` does, names in
// sorted order, values of one name joined, `set-cookie` kept apart. A map that is shared is copied before it is changed.
// Nothing of the platform is touched before there is one: in Node its fetch classes take milliseconds to load.

/** What a `Headers` may be made of. */
export type FetchHeadersInit = ConstructorParameters<typeof globalThis.Headers>[0]

/** Whose the map is: the view's own, one that others read too, or one that nobody may change through the view. */
export type FetchHeadersGuard = 'own' | 'shared' | 'immutable'

type Pair = [string, string]

/** A `Headers` over a HeaderMap; `instanceof` the platform's holds for what {@link asHeaders} gives. */
export class FetchHeaders {
  #map: HeaderMap
  #guard: FetchHeadersGuard
  /** The sorted pairs, until the next change. */
  #sorted: Pair[] | null

  /** @param guard what a change does: to the map itself, to a copy, or throw a TypeError. Default `'own'`. */
  constructor(map: HeaderMap, guard: FetchHeadersGuard = 'own') {
    if (!isPlatform) becomePlatform()
    this.#map = map
    this.#guard = guard
    this.#sorted = null
  }

  /** True for what this class made, whatever its prototype says. */
  static is(value: object): value is FetchHeaders {
    return #map in value
  }

  /** The map beneath, for a reader that does not change it. */
  static mapOf(headers: FetchHeaders): HeaderMap {
    return headers.#map
  }

  append(name: string, value: string): void {
    const map = this.#own()
    guarded(map, append, `${name}`, normalized(value))
  }

  set(name: string, value: string): void {
    const map = this.#own()
    guarded(map, set, String(name), normalized(value))
  }

  delete(name: string): void {
    guarded(this.#own(), remove, String(name), '')
  }

  get(name: string): string | null {
    return guarded(this.#map, get, String(name), '')
  }

  has(name: string): boolean {
    return guarded(this.#map, has, String(name), '')
  }

  getSetCookie(): string[] {
    return this.#map.getSetCookie()
  }

  forEach(callback: (value: string, name: string, parent: Headers) => void, thisArg?: unknown): void {
    const parent = asHeaders(this)
    for (const [name, value] of this.#pairs()) callback.call(thisArg, value, name, parent)
  }

  *entries(): Generator<Pair> {
    for (const [name, value] of this.#pairs()) yield [name, value]
  }

  *keys(): Generator<string> {
    for (const pair of this.#pairs()) yield pair[0]
  }

  *values(): Generator<string> {
    for (const pair of this.#pairs()) yield pair[1]
  }

  [Symbol.iterator](): Generator<Pair> {
    return this.entries()
  }

  /** The map, ready to be changed. */
  #own(): HeaderMap {
    if (this.#guard === 'immutable') throw new TypeError('these headers are immutable')
    if (this.#guard === 'shared') {
      this.#map = this.#map.clone()
      this.#guard = 'own'
    }
    this.#sorted = null
    return this.#map
  }

  // Fetch, "sort and combine": by name, one pair per name, but one per line for set-cookie.
  #pairs(): Pair[] {
    if (this.#sorted !== null) return this.#sorted
    const pairs: Pair[] = []
    const seen = new Set<string>()
    for (const [name, value] of this.#map.entries()) {
      if (name === 'set-cookie') pairs.push([name, value])
      else if (!seen.has(name)) {
        seen.add(name)
        pairs.push([name, this.#map.get(name) ?? value])
      }
    }
    pairs.sort(byName)
    this.#sorted = pairs
    return pairs
  }
}

let isPlatform = false

// Once, before the first view is handed out.
function becomePlatform(): void {
  isPlatform = true
  const Platform = globalThis.Headers
  const copyOf = (self: object): Headers => new Platform(FetchHeaders.is(self) ? [...self.entries()] : [])
  standIn(FetchHeaders, Platform, copyOf)
  // What Node prints an object with reads the platform's private fields, which ours do not have.
  const platformInspect: unknown = Reflect.get(Platform.prototype, INSPECT)
  if (typeof platformInspect !== 'function') return
  Object.defineProperty(FetchHeaders.prototype, INSPECT, {
    configurable: true,
    value(this: FetchHeaders, ...rest: unknown[]): unknown {
      return Reflect.apply(platformInspect, copyOf(this), rest)
    },
  })
}

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** The same object under the platform's type; `standIn` has made it one. */
export function asHeaders(headers: FetchHeaders): Headers {
  return headers as unknown as Headers
}

/** A map of anything that `new Headers()` takes. Throws a TypeError for what it would refuse. */
export function toHeaderMap(init: FetchHeadersInit): HeaderMap {
  const map = new HeaderMap()
  if (init === undefined) return map
  if (typeof init !== 'object' || init === null) throw new TypeError('the given headers are not an object')
  if (Symbol.iterator in init) {
    if (FetchHeaders.is(init)) return FetchHeaders.mapOf(init).clone()
    if (isPlatformHeaders(init)) return mapOfPlatform(init)
    for (const pair of init as Iterable<Iterable<string>>) appendPair(map, pair)
    return map
  }
  const record = init as Readonly<Record<string, unknown>>
  for (const name of Object.keys(record)) guarded(map, append, name, normalized(record[name]))
  return map
}

// The platform's headers are validated, folded, sorted, and set-cookie is kept apart: they go in as they are. What only
// looks like them is not: a value with a line end in it would be another field, or another message.
function isPlatformHeaders(init: object): init is Headers {
  return (
    Reflect.get(init, Symbol.toStringTag) === 'Headers' &&
    Object.getPrototypeOf(init) === globalThis.Headers.prototype
  )
}

function mapOfPlatform(headers: Headers): HeaderMap {
  const flat: string[] = []
  // Not an iterator of its own, which may give anything; the platform's throws for what the platform has not made.
  for (const [name, value] of globalThis.Headers.prototype.entries.call(headers)) flat.push(name, value)
  return HeaderMap.fromParsed(flat, null)
}

function appendPair(map: HeaderMap, pair: Iterable<string>): void {
  // Text can be iterated, and is no pair.
  if (typeof pair !== 'object') throw new TypeError('each of the given headers is a pair, and text is none')
  const [name, value, ...rest] = pair
  if (name === undefined || value === undefined || rest.length > 0) {
    throw new TypeError('each of the given headers is a pair of a name and a value')
  }
  guarded(map, append, `${name}`, normalized(value))
}

type Step<T> = (map: HeaderMap, name: string, value: string) => T

const append: Step<void> = (map, name, value) => map.append(name, value)
const set: Step<void> = (map, name, value) => map.set(name, value)
// A map has no field whose name is malformed, and says so; the standard throws.
const remove: Step<boolean> = (map, name) => map.delete(headerName(name))
const get: Step<string | null> = (map, name) => map.get(headerName(name))
const has: Step<boolean> = (map, name) => map.has(headerName(name))

// The standard wants a TypeError where the engine throws its own.
function guarded<T>(map: HeaderMap, step: Step<T>, name: string, value: string): T {
  try {
    return step(map, name, value)
  } catch (cause) {
    throw new TypeError(cause instanceof Error ? cause.message : 'the given header cannot be sent', { cause })
  }
}

// Fetch, "normalize": whitespace at both ends, line ends included, is no part of a value.
function normalized(value: unknown): string {
  // A symbol is a TypeError, as the platform has it.
  const text = typeof value === 'string' ? value : `${value as string}`
  return PADDED.test(text) ? text.replace(PADDING, '') : text
}

const PADDED = /^[\t\n\r ]|[\t\n\r ]$/
const PADDING = /^[\t\n\r ]+|[\t\n\r ]+$/g

function byName(a: Pair, b: Pair): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
