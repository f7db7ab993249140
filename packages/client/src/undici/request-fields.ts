import { userError } from '@hyper/core/error'
import { HeaderMap, isToken } from '@hyper/core/http'
import type { DispatchHeaders, DispatchValue } from './types.ts'

// The fields of a request, as undici has them. In: any of its kinds. Out: a HeaderMap, where what belongs to the connection
// is said in our words: what undici decides itself (framing, the connection, the upgrade) nobody else may say.

/** Fields, and what they say of the connection. */
export interface RequestFields {
  readonly headers: HeaderMap
  /** What Content-Length says; null when nothing. */
  readonly length: number | null
  /** The connection is to be closed after the response. */
  readonly wantsClose: boolean
}

/**
 * @param authority what Host says where the caller does not (RFC 9110 §7.2).
 * @throws HyperError `INVALID_OPTION`, `UNEXPECTED_HEADER`, or what {@link HeaderMap} throws.
 */
export function requestFields(given: DispatchHeaders | null | undefined, authority: string): RequestFields {
  const fields = new Fields(authority)
  if (given === undefined || given === null) return fields
  if (typeof given !== 'object') throw userError('INVALID_OPTION', 'headers must be an object or an array')
  if (isFlat(given)) addFlat(fields, given)
  else if (isIterable(given)) addPairs(fields, given)
  else addObject(fields, given)
  return fields
}

function isFlat(given: DispatchHeaders): given is readonly (string | readonly string[])[] {
  return Array.isArray(given)
}

// An iterator that came in by a polluted prototype is none.
function isIterable(given: DispatchHeaders): given is Iterable<readonly [string, DispatchValue]> {
  if (Object.hasOwn(given, Symbol.iterator)) return true
  const prototype: unknown = Object.getPrototypeOf(given)
  return prototype !== null && prototype !== Object.prototype && Symbol.iterator in given
}

function addFlat(fields: Fields, flat: readonly unknown[]): void {
  if (flat.length % 2 !== 0)
    throw userError('INVALID_OPTION', 'headers as an array are names and values in turn')
  for (let i = 0; i < flat.length; i += 2) fields.add(flat[i], flat[i + 1])
}

function addPairs(fields: Fields, pairs: Iterable<unknown>): void {
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw userError('INVALID_OPTION', 'headers that can be iterated yield pairs of a name and a value')
    fields.add(pair[0], pair[1])
  }
}

function addObject(fields: Fields, given: object): void {
  for (const name of Object.keys(given)) fields.add(name, Reflect.get(given, name))
}

class Fields implements RequestFields {
  readonly headers: HeaderMap = new HeaderMap()
  length: number | null = null
  wantsClose: boolean = false
  private hasHost: boolean = false

  constructor(authority: string) {
    this.headers.append('host', authority)
  }

  add(name: unknown, value: unknown): void {
    if (value === undefined) return
    if (typeof name !== 'string') throw userError('INVALID_OPTION', 'the name of a field must be a string')
    if (Array.isArray(value)) for (const line of value) this.addLine(name, textOf(name, line))
    else this.addLine(name, textOf(name, value))
  }

  private addLine(name: string, value: string): void {
    switch (name.length) {
      // The lengths of those below: most names are none of them.
      case 4:
      case 6:
      case 7:
      case 10:
      case 14:
      case 17:
        if (this.isSpecial(name.toLowerCase(), value)) return
        break
      default:
    }
    this.headers.append(name, value)
  }

  /** @returns true when it is not to be sent as it is */
  private isSpecial(name: string, value: string): boolean {
    switch (name) {
      case 'host':
        if (this.hasHost) throw twice(name)
        this.hasHost = true
        this.headers.set(name, value)
        return true
      case 'content-length':
        if (this.length !== null) throw twice(name)
        this.length = lengthOf(value)
        return false
      case 'connection':
        for (const option of value.split(',')) this.takeOption(option.trim().toLowerCase())
        return true
      case 'transfer-encoding':
      case 'keep-alive':
      case 'upgrade':
      case 'expect':
        throw userError('UNEXPECTED_HEADER', `${name} is not for a request to say: ${INSTEAD[name]}`)
      default:
        return false
    }
  }

  // What else it may name is of a connection that is not the caller's.
  private takeOption(option: string): void {
    if (!isToken(option)) throw userError('INVALID_HEADER_VALUE', 'connection is a list of tokens')
    if (option === 'close') this.wantsClose = true
  }
}

const INSTEAD = {
  'transfer-encoding': 'the body decides',
  'keep-alive': 'connections are kept anyway',
  upgrade: 'the option of that name asks for another protocol',
  expect: 'the option expectContinue does',
} as const

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (typeof value === 'object')
    throw userError('INVALID_HEADER_VALUE', `the value of ${name} must be a string or a list of strings`)
  // A function must not choose its text.
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  throw userError('INVALID_HEADER_VALUE', `the value of ${name} must be a string`)
}

function lengthOf(value: string): number {
  if (!/^\d{1,15}$/.test(value))
    throw userError('INVALID_HEADER_VALUE', 'content-length must be a number of bytes')
  return Number(value)
}

function twice(name: string): Error {
  return userError('UNEXPECTED_HEADER', `${name} is given twice`)
}
