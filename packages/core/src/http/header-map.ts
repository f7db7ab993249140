import { type HyperError, userError } from '../error/index.ts'
import { HeaderIndex } from './header-index.ts'
import { headerName, isLowerCase, lookupName } from './header-name.ts'
import { describeValue, headerValue } from './header-value.ts'

// HeaderMap: the field lines of one section, in their order. Names come in as any spelling of a token and are kept in
// lower case; values are kept as one character per byte. What a caller adds is validated, so that nothing in a map can
// break a message; what a parser hands over (`fromParsed`) is trusted. Lines of one name are never merged.

/** What a {@link HeaderMap} can be made of: pairs, a `Map`, a `Headers`, or an object (a list makes several lines). */
export type HeadersInit =
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | readonly string[]>>

/** How a field is added. */
export interface AppendOptions {
  /** Marks the name as by {@link HeaderMap.markSensitive}. Default false. */
  readonly sensitive?: boolean | undefined
  /** Keeps the spelling of the name for an encoder that preserves case. Default false. */
  readonly originalCase?: boolean | undefined
}

const MAX_FIELDS = 32_768
/** From here on lookups go through an index; below, a scan of a few pointers is faster. */
const INDEX_FROM = 32 * 2
/** What every empty map shares and none writes to: {@link HeaderMap} makes its own list for its first field. */
const NONE: string[] = /* @__PURE__ */ emptyList()
/** What an iterator yields. */
const PAIRS = 0
const NAMES = 1
const VALUES = 2

/** Found and called by the `console.log` of Node, Deno and Bun. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/**
 * An ordered multimap of fields, with the methods of the platform's `Headers`; `new Headers(map)` works. Iterating
 * gives one pair per field line, in order. At most 32,768 fields.
 */
export class HeaderMap implements Iterable<[string, string]> {
  /** Name, value, name, value, …; a name of `''` is a hole, which only a map with an index has. */
  private flat: string[]
  /** The spelling of every field's name, where one at least is kept. */
  private cases: string[] | null
  private sensitive: Set<string> | null
  private index: HeaderIndex | null
  /**
   * Room for an encoder to keep the text it made of this map; every change empties it.
   * @internal
   */
  encoded: string | null

  static {
    Object.defineProperty(this.prototype, INSPECT, {
      value: function inspect(this: HeaderMap): string {
        return this.toString()
      },
    })
  }

  /**
   * @throws HyperError `INVALID_OPTION` for what is no fields at all, else `INVALID_HEADER_NAME`, `INVALID_HEADER_VALUE` or
   * `TOO_MANY_HEADERS`.
   */
  constructor(init?: HeadersInit | HeaderMap)
  /** @internal */
  constructor(init: undefined, flat: string[], cases: string[] | null)
  constructor(init?: HeadersInit | HeaderMap, flat: string[] = NONE, cases: string[] | null = null) {
    this.flat = flat
    this.cases = cases
    this.sensitive = null
    this.index = null
    this.encoded = null
    if (init !== undefined) this.fill(init)
  }

  /**
   * Takes over what a parser has validated: lower-case names and trimmed values in turn, and the original spelling of
   * each name where it was kept.
   * @internal
   */
  static fromParsed(flat: string[], cases: string[] | null): HeaderMap {
    return new HeaderMap(undefined, flat, cases)
  }

  /** A {@link HeaderMap} itself, not a copy; a new one of anything else. Throws as the constructor. */
  static from(init: HeadersInit | HeaderMap | undefined): HeaderMap {
    return init instanceof HeaderMap ? init : new HeaderMap(init)
  }

  /** The number of field lines. */
  get size(): number {
    return this.flat.length / 2 - (this.index === null ? 0 : this.index.holes)
  }

  /** The values of all lines of a name, joined with `', '` (RFC 9110 §5.3); null when there is none. */
  get(name: string): string | null {
    const at = this.find(name)
    if (at < 0) return null
    const flat = this.flat
    const folded = flat[at]!
    let joined = flat[at + 1]!
    if (this.index !== null) {
      const list = this.index.find(folded)!
      for (let k = 1; k < list.length; k++) joined += `, ${flat[list[k]! + 1]!}`
      return joined
    }
    for (let i = at + 2; i < flat.length; i += 2) {
      if (flat[i] === folded) joined += `, ${flat[i + 1]!}`
    }
    return joined
  }

  /** The value of the first line of a name; null when there is none. */
  first(name: string): string | null {
    const at = this.find(name)
    return at < 0 ? null : this.flat[at + 1]!
  }

  /** The values of all lines of a name, in order. */
  getAll(name: string): string[] {
    const values: string[] = []
    const at = this.find(name)
    if (at < 0) return values
    const flat = this.flat
    const folded = flat[at]!
    if (this.index !== null) {
      for (const position of this.index.find(folded)!) values.push(flat[position + 1]!)
      return values
    }
    for (let i = at; i < flat.length; i += 2) {
      if (flat[i] === folded) values.push(flat[i + 1]!)
    }
    return values
  }

  /** The values of all `set-cookie` lines: the one field whose lines cannot be joined (RFC 9110 §5.3). */
  getSetCookie(): string[] {
    return this.getAll('set-cookie')
  }

  /** Whether there is a field of that name, in any case. */
  has(name: string): boolean {
    return this.find(name) >= 0
  }

  /**
   * Makes `value` the only one of its name: in place of the first line, or at the end.
   * @throws HyperError as {@link append}.
   */
  set(name: string, value: string): this {
    const folded = headerName(name)
    const checked = headerValue(value, folded)
    const at = this.find(folded)
    if (at < 0) {
      this.push(folded, checked, folded)
      return this
    }
    this.encoded = null
    this.flat[at + 1] = checked
    if (this.index !== null) this.cut(folded, 1)
    else this.compact(folded, at + 2)
    return this
  }

  /**
   * Adds a line at the end.
   * @throws HyperError `INVALID_HEADER_NAME`, `INVALID_HEADER_VALUE` or `TOO_MANY_HEADERS`; the map is unchanged then.
   */
  append(name: string, value: string, options?: AppendOptions): this {
    const folded = headerName(name)
    const checked = headerValue(value, folded)
    if (options === undefined) {
      this.push(folded, checked, folded)
      return this
    }
    this.push(folded, checked, options.originalCase === true ? name : folded)
    if (options.sensitive === true) this.markSensitive(folded)
    return this
  }

  /**
   * Removes all lines of a name; the others keep their order.
   * @returns whether there was one.
   */
  delete(name: string): boolean {
    const at = this.find(name)
    if (at < 0) return false
    this.encoded = null
    const folded = this.flat[at]!
    if (this.index !== null) this.cut(folded, 0)
    else this.compact(folded, at)
    return true
  }

  /** Removes all lines of a name and returns their values, in order. */
  take(name: string): string[] {
    const values = this.getAll(name)
    if (values.length > 0) this.delete(name)
    return values
  }

  /** Removes every field, and forgets which names were sensitive. */
  clear(): void {
    this.flat = NONE
    this.cases = null
    this.sensitive = null
    this.index = null
    this.encoded = null
  }

  /** Empties the map at once, and returns an iterator over what it held, whether or not anybody runs it. */
  drain(): IterableIterator<[string, string]> {
    const taken = new HeaderMap(undefined, this.fields(), null)
    this.clear()
    return taken.entries()
  }

  /** One `[name, value]` per line, in order. As with `Headers`, changes while iterating move what comes next. */
  entries(): IterableIterator<[string, string]> {
    return new FieldIterator(this, PAIRS)
  }

  /** The name of each line, in order; names repeat. */
  keys(): IterableIterator<string> {
    return new FieldIterator(this, NAMES)
  }

  /** The value of each line, in order. */
  values(): IterableIterator<string> {
    return new FieldIterator(this, VALUES)
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return new FieldIterator(this, PAIRS)
  }

  /** Calls `fn(value, name, map)` for each line, in order. */
  forEach(fn: (value: string, name: string, map: HeaderMap) => void): void {
    for (let i = 0; i < this.size; i++) fn(this.valueAt(i), this.nameAt(i), this)
  }

  /**
   * The lower-case name of line `i`, counted from 0.
   * @throws RangeError when there is no such line.
   */
  nameAt(i: number): string {
    return this.at(i * 2)
  }

  /**
   * The value of line `i`, counted from 0.
   * @throws RangeError when there is no such line.
   */
  valueAt(i: number): string {
    return this.at(i * 2 + 1)
  }

  /**
   * The name of line `i` as it was spelled, where that was kept, else in lower case.
   * @throws RangeError when there is no such line.
   */
  caseAt(i: number): string {
    const name = this.nameAt(i)
    return this.cases === null ? name : this.cases[i]!
  }

  /** Whether any field has its original spelling kept. */
  get hasCases(): boolean {
    return this.cases !== null
  }

  /**
   * From now on fields of this name are secrets: hidden from logs, and never put into a compression table (RFC 7541
   * §7.1). Lasts until `clear`; holds for lines added later too.
   * @throws HyperError `INVALID_HEADER_NAME`.
   */
  markSensitive(name: string): this {
    const folded = headerName(name)
    if (this.sensitive === null) this.sensitive = new Set()
    this.sensitive.add(folded)
    return this
  }

  /** Whether line `i` has a name that was marked as sensitive. */
  isSensitive(i: number): boolean {
    return this.sensitive !== null && this.sensitive.has(this.nameAt(i))
  }

  /** The same names with the same values. The order counts among lines of one name only; spelling and marks do not. */
  equals(other: HeaderMap): boolean {
    if (other === this) return true
    if (other.size !== this.size) return false
    const theirs = other.grouped()
    for (const [name, values] of this.grouped()) {
      const list = theirs.get(name)
      if (list === undefined || list.length !== values.length) return false
      for (let i = 0; i < values.length; i++) if (list[i] !== values[i]) return false
    }
    return true
  }

  /** A copy, with spelling and marks. */
  clone(): HeaderMap {
    return new HeaderMap(this)
  }

  /**
   * The lines as the map holds them: name, value, name, value, … To be read at once, and not changed.
   * @internal
   */
  fields(): string[] {
    if (this.index !== null && this.index.holes > 0) this.settle()
    return this.flat
  }

  /**
   * The lines with their names as they were spelled, where that was kept: name, value, name, value, … A list of its own.
   * @internal
   */
  rawFields(): string[] {
    const raw = this.fields().slice()
    const { cases } = this
    if (cases !== null) for (let i = 0; i < cases.length; i++) raw[i * 2] = cases[i]!
    return raw
  }

  /** The pairs, as `JSON.stringify` shows them; sensitive values are hidden. */
  toJSON(): [string, string][] {
    return Array.from({ length: this.size }, (_, i) => [
      this.nameAt(i),
      this.isSensitive(i) ? 'Sensitive' : this.valueAt(i),
    ])
  }

  /** For logs: names with quoted, escaped values (`describeValue`); sensitive ones are hidden. */
  toString(): string {
    let out = ''
    for (let i = 0; i < this.size; i++) {
      if (i > 0) out += ', '
      out += `${this.nameAt(i)}: ${this.isSensitive(i) ? 'Sensitive' : describeValue(this.valueAt(i))}`
    }
    return `HeaderMap {${out === '' ? '' : ` ${out} `}}`
  }

  /** Where the first line of a name stands in the flat list, -1 when there is none. */
  private find(name: string): number {
    const flat = this.flat
    if (flat.length > INDEX_FROM) {
      const folded = lookupName(name)
      if (folded === null) return -1
      if (this.index === null) this.index = new HeaderIndex(flat)
      const list = this.index.find(folded)
      return list === undefined ? -1 : list[0]!
    }
    // Most callers write names in lower case: look for the very string first, and fold only when it is not there.
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return i
    if (typeof name === 'string' && isLowerCase(name)) return -1
    const folded = lookupName(name)
    if (folded === null || folded === name) return -1
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === folded) return i
    return -1
  }

  private at(position: number): string {
    const text = (this.index === null ? this.flat : this.fields())[position]
    if (text === undefined) throw new RangeError(`no field line ${Math.floor(position / 2)} of ${this.size}`)
    return text
  }

  private push(name: string, value: string, spelling: string): void {
    if (this.flat.length >= MAX_FIELDS * 2) this.makeRoom()
    this.encoded = null
    if (this.cases !== null || spelling !== name) this.keepCase(spelling)
    if (this.index !== null) this.index.add(name, this.flat.length)
    // A list of exactly one field: most responses have no more, and a push makes room for eight.
    if (this.flat.length === 0) this.flat = [name, value]
    else this.flat.push(name, value)
  }

  private makeRoom(): void {
    if (this.size >= MAX_FIELDS) {
      throw userError('TOO_MANY_HEADERS', `a header map holds at most ${MAX_FIELDS} fields`)
    }
    this.settle()
  }

  private keepCase(spelling: string): void {
    if (this.cases === null) {
      this.cases = []
      for (let i = 0; i < this.flat.length; i += 2) this.cases.push(this.flat[i]!)
    }
    this.cases.push(spelling)
  }

  /** With an index: makes holes, and closes them once they are most of the list, so that each costs O(1) on average. */
  private cut(name: string, keep: 0 | 1): void {
    const index = this.index!
    index.cut(name, keep, this.flat)
    if (index.holes * 4 > this.flat.length) this.settle()
  }

  /** Closes the holes. */
  private settle(): void {
    this.index = null
    this.compact('', 0)
  }

  /** Removes the lines of a name from position `from` on. */
  private compact(name: string, from: number): void {
    const { flat, cases } = this
    let write = from
    for (let read = from; read < flat.length; read += 2) {
      if (flat[read] === name) continue
      if (write !== read) {
        flat[write] = flat[read]!
        flat[write + 1] = flat[read + 1]!
        if (cases !== null) cases[write / 2] = cases[read / 2]!
      }
      write += 2
    }
    if (write === flat.length) return
    flat.length = write
    if (cases !== null) cases.length = write / 2
  }

  private grouped(): Map<string, string[]> {
    const groups = new Map<string, string[]>()
    const flat = this.fields()
    for (let i = 0; i < flat.length; i += 2) {
      const list = groups.get(flat[i]!)
      if (list === undefined) groups.set(flat[i]!, [flat[i + 1]!])
      else list.push(flat[i + 1]!)
    }
    return groups
  }

  private fill(init: HeadersInit | HeaderMap): void {
    if (init instanceof HeaderMap) {
      this.flat = init.fields().slice()
      this.cases = init.cases === null ? null : init.cases.slice()
      this.sensitive = init.sensitive === null ? null : new Set(init.sensitive)
      return
    }
    // A text can be iterated too, and would be fields of its letters.
    if (typeof init !== 'object' || init === null) throw noFields(init)
    if (isIterable(init)) {
      for (const pair of init) {
        if (typeof pair !== 'object' || pair === null) throw noFields(pair)
        this.append(pair[0], pair[1])
      }
      return
    }
    for (const name of Object.keys(init)) {
      const value = init[name]!
      if (isList(value)) for (const one of value) this.append(name, one)
      else this.append(name, value)
    }
  }
}

/** Empty, but of the kind that V8 gives to lists of strings, so that every map looks the same to it. */
function emptyList(): string[] {
  const list = ['']
  list.length = 0
  return list
}

function noFields(given: unknown): HyperError {
  const kind = given === null ? 'null' : `a ${typeof given}`
  return userError('INVALID_OPTION', `fields are pairs, a Headers or an object, not ${kind}`)
}

function isIterable(init: HeadersInit): init is Iterable<readonly [string, string]> {
  return typeof (init as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
}

function isList(value: string | readonly string[]): value is readonly string[] {
  return Array.isArray(value)
}

/** Walks the lines by position. */
class FieldIterator<T> implements IterableIterator<T> {
  private readonly map: HeaderMap
  private readonly kind: 0 | 1 | 2
  private at: number

  constructor(map: HeaderMap, kind: 0 | 1 | 2) {
    this.map = map
    this.kind = kind
    this.at = 0
  }

  next(): IteratorResult<T, undefined> {
    const flat = this.map.fields()
    const at = this.at
    if (at >= flat.length) return { done: true, value: undefined }
    this.at = at + 2
    const value = this.kind === PAIRS ? [flat[at], flat[at + 1]] : flat[this.kind === NAMES ? at : at + 1]
    return { done: false, value: value as T }
  }

  [Symbol.iterator](): this {
    return this
  }
}
