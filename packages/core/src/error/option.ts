import { userError } from './error.ts'

// Options: in goes what a caller gave, out comes a value that is in range, or an error that names the option.

/** A number of things; Infinity is none too many. @throws HyperError `INVALID_OPTION` */
export function count(
  name: string,
  value: number | undefined,
  fallback: number,
  least: number = 1,
  most: number = Infinity,
): number {
  if (value !== undefined && value !== Infinity && !Number.isInteger(value)) {
    throw userError('INVALID_OPTION', `${name} must be an integer, not ${shown(value)}`)
  }
  return amount(name, value, fallback, least, most)
}

/** Milliseconds; 0, null and Infinity are no limit. @throws HyperError `INVALID_OPTION` */
export function time(name: string, value: number | null | undefined, fallback: number): number {
  if (value === null) return Infinity
  const ms = amount(name, value, fallback, 0, Infinity)
  return ms === 0 ? Infinity : ms
}

/** A word such as 'false' would turn a leniency on. @throws HyperError `INVALID_OPTION` */
export function flag(name: string, value: boolean | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean')
    throw userError('INVALID_OPTION', `${name} must be a boolean, not ${shown(value)}`)
  return value
}

/** A value in a message: text in quotes, so that `'80'` is not taken for 80. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? `'${value}'` : String(value)
}

/** A number, whole or not. @throws HyperError `INVALID_OPTION` */
export function amount(
  name: string,
  value: number | undefined,
  fallback: number,
  least: number,
  most: number = Infinity,
): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || Number.isNaN(value) || value < least || value > most) {
    const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`
    throw userError('INVALID_OPTION', `${name} must be a number ${range}, not ${shown(value)}`)
  }
  return value
}
