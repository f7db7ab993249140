import { userError } from '@hyper/core/error'
import type { Layer } from '@hyper/core/service'

// What an option must be. In: what a caller gave. Out: nothing, or the value; or an INVALID_OPTION that names the option. A
// name that nobody reads is refused: `timeout` for `timeouts` would otherwise be no timeout, and nobody would be told. Which
// options there are stands where they are read: in check.ts those of a client and of a request, in each layer its own.

/** What an option must be; `true` where whoever reads it tells. */
export type Check = true | readonly [holds: (value: unknown) => boolean, must: string]
export type Checks = ReadonlyMap<string, Check>

/**
 * Names and values of options. Names of layers of one's own are symbols, which nobody looks at here.
 * @param prefix what stands before a name in the message about its value.
 * @throws HyperError `INVALID_OPTION`
 */
export function check(whose: string, prefix: string, options: object, known: Checks): void {
  if (!isObject(options))
    throw userError('INVALID_OPTION', `the options of ${whose} must be an object, not ${shown(options)}`)
  for (const name in options) {
    const rule = known.get(name)
    if (rule === true) continue
    if (rule === undefined) {
      const names = [...known.keys()].join(', ')
      throw userError('INVALID_OPTION', `${name} is no option of ${whose}; these are: ${names}`)
    }
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && !rule[0](value))
      throw userError('INVALID_OPTION', `${prefix}${name} must be ${rule[1]}, not ${shown(value)}`)
  }
}

/** The compiler holds that none is missing. */
export function named<Options>(checks: Record<keyof Options & string, Check>): Checks {
  return new Map(Object.entries<Check>(checks))
}

/** A number of at least `least`; Infinity is no limit. @throws HyperError `INVALID_OPTION` */
export function atLeast(name: string, value: number | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !(value >= least))
    throw userError('INVALID_OPTION', `${name} must be a number of at least ${least}, not ${shown(value)}`)
  return value
}

/** A word such as 'false' would turn a leniency on. @throws HyperError `INVALID_OPTION` */
export function flag(name: string, value: boolean | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean')
    throw userError('INVALID_OPTION', `${name} must be a boolean, not ${shown(value)}`)
  return value
}

/** A value in a message: by its kind where its text may be long, or a secret. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number') return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

// ------------------------------------------------------------------ what holds

export const isBoolean = (value: unknown): boolean => typeof value === 'boolean'
export const isFunction = (value: unknown): boolean => typeof value === 'function'
export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
/** Not the empty one, which names nothing. */
export const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
export const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0

export const isLayers = (value: unknown): value is Layer[] => Array.isArray(value) && value.every(isFunction)

/** An object with these methods. */
export function has(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => isFunction(Reflect.get(value, name)))
}

export const HOOK: Check = [isFunction, 'a function']
export const FLAG: Check = [isBoolean, 'a boolean']
export const GROUP: Check = [isObject, 'an object of options']
export const SWITCH: Check = [
  (value) => isBoolean(value) || isObject(value),
  'a boolean or an object of options',
]
/** Milliseconds; null is off. */
export const TIME: Check = [(value) => value === null || isCount(value), 'a number of at least 0']
