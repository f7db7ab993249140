import type { Destination } from '@hyper/util/connect'
import type { Place, Places } from '../place.ts'
import { type RequestFields, requestFields } from './request-fields.ts'
import type { DispatchHeaders } from './types.ts'

// Recent: what a dispatcher was asked for before. A program asks few origins for few paths, with the same fields each time,
// and undici writes all of it anew: reading it costs more than sending it (benchmarks/src/clients/node-fetch.ts). The memory
// is bounded, and starts afresh when it is full.

/** Origins that are remembered, and targets of each. */
const REMEMBERED = 100
/** A longer target is not: it is hardly asked for twice. */
const LONGEST = 256

/** The origins of one dispatcher. */
export class Recent {
  private readonly places: Places
  private readonly origins: Map<string, RecentOrigin>

  constructor(places: Places) {
    this.places = places
    this.origins = new Map()
  }

  /** @throws HyperError `INVALID_TARGET` */
  find(origin: string | URL): RecentOrigin {
    const text = typeof origin === 'string' ? origin : origin.href
    const found = this.origins.get(text)
    if (found !== undefined) return found
    const made = new RecentOrigin(this.places.find(text).destination)
    if (text.length > LONGEST) return made
    if (this.origins.size >= REMEMBERED) this.origins.clear()
    this.origins.set(text, made)
    return made
  }
}

/** What one origin was asked for. */
export class RecentOrigin {
  readonly destination: Destination
  /** By path and query, as they were given. */
  private readonly places: Map<string, Place>
  /** Names and values in turn of the fields that were read last, and what was made of them. */
  private flat: readonly string[]
  private fields: RequestFields | null

  constructor(destination: Destination) {
    this.destination = destination
    this.places = new Map()
    this.flat = []
    this.fields = null
  }

  /** Undefined when it is not known. */
  place(path: string): Place | undefined {
    return this.places.get(path)
  }

  keep(path: string, place: Place): Place {
    if (path.length > LONGEST) return place
    if (this.places.size >= REMEMBERED) this.places.clear()
    this.places.set(path, place)
    return place
  }

  /**
   * The fields of a request that is sent with no others, and that nobody changes: those of the last one, where the same are
   * given again.
   * @throws HyperError as {@link requestFields}
   */
  fieldsOf(given: DispatchHeaders | null | undefined): RequestFields {
    if (this.fields !== null && isSame(given, this.flat)) return this.fields
    const made = requestFields(given, this.destination.authority)
    const flat = flatOf(given)
    this.fields = flat === null || made.wantsClose ? null : made
    this.flat = flat ?? []
    return made
  }
}

/** Texts in turn, of an object or a list of them; null for anything else. */
function flatOf(given: DispatchHeaders | null | undefined): string[] | null {
  if (given === undefined || given === null) return []
  if (Symbol.iterator in given && !Array.isArray(given)) return null
  const flat: unknown[] = Array.isArray(given) ? [...given] : Object.entries(given).flat()
  return flat.every((text) => typeof text === 'string') ? flat : null
}

function isSame(given: DispatchHeaders | null | undefined, flat: readonly string[]): boolean {
  if (given === undefined || given === null) return flat.length === 0
  if (Array.isArray(given)) return isSameList(given, flat)
  if (Symbol.iterator in given) return false
  const names = Object.keys(given)
  if (names.length * 2 !== flat.length) return false
  const fields = given as Readonly<Record<string, unknown>>
  return names.every((name, i) => name === flat[i * 2] && fields[name] === flat[i * 2 + 1])
}

function isSameList(given: readonly unknown[], flat: readonly string[]): boolean {
  if (given.length !== flat.length) return false
  for (let i = 0; i < flat.length; i++) if (given[i] !== flat[i]) return false
  return true
}
