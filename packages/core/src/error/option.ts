import { userError } from './error.ts'

// Options that are numbers: in goes what a caller gave, out comes a number that is in range, or an error that names it.

/** @throws HyperError `INVALID_OPTION` */
export function numberOption(
  name: string,
  value: number | undefined,
  fallback: number,
  least: number = 1,
  most: number = Infinity,
): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || Number.isNaN(value) || value < least || value > most) {
    const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`
    throw userError('INVALID_OPTION', `${name} must be a number ${range}, not ${String(value)}`)
  }
  return value
}

/** Milliseconds; 0, null and Infinity mean never. @throws HyperError `INVALID_OPTION` */
export function timeOption(name: string, value: number | null | undefined, fallback: number): number {
  if (value === null) return Infinity
  const ms = numberOption(name, value, fallback, 0)
  return ms === 0 ? Infinity : ms
}
