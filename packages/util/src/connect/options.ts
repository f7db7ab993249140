import { userError } from '@hyper/core/error'

// Options of connecting and of pools: in goes what a caller gave, out comes a value that is in range, or an error that names the option.

/** A number, whole or not. @throws HyperError `INVALID_OPTION` */
export function amount(name: string, value: number | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback
  if (typeof value === 'number' && value >= least) return value
  throw userError('INVALID_OPTION', `${name} must be a number of at least ${least}, not ${shown(value)}`)
}

/** A number of things; Infinity is none too many. @throws HyperError `INVALID_OPTION` */
export function count(name: string, value: number | undefined, fallback: number, least: number): number {
  if (value === undefined || value === Infinity || Number.isInteger(value))
    return amount(name, value, fallback, least)
  throw userError('INVALID_OPTION', `${name} must be an integer, not ${shown(value)}`)
}

/** Milliseconds; 0, null and Infinity are no limit. @throws HyperError `INVALID_OPTION` */
export function time(name: string, value: number | null | undefined, fallback: number): number {
  if (value === null) return Infinity
  const ms = amount(name, value, fallback, 0)
  return ms === 0 ? Infinity : ms
}

/** A value in a message: text in quotes, so that `'80'` is not taken for 80. */
function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
