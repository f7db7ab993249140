import { userError } from '@hyper/core/error'

// Checks of options, which name the option.

/** A number of things; Infinity is no limit. @throws HyperError `INVALID_OPTION` */
export function count(name: string, given: number | undefined, fallback: number, least: number): number {
  if (given === undefined || given === Infinity) return given ?? fallback
  if (Number.isInteger(given) && given >= least) return given
  throw userError('INVALID_OPTION', `${name} must be an integer of at least ${least}, not ${String(given)}`)
}

/** Milliseconds; 0, null and Infinity are off, which is Infinity. @throws HyperError `INVALID_OPTION` */
export function time(name: string, given: number | null | undefined, fallback: number): number {
  if (given === undefined) return fallback
  if (given === null || given === 0) return Infinity
  if (typeof given === 'number' && given > 0) return given
  throw userError('INVALID_OPTION', `${name} must be a number of milliseconds, not ${String(given)}`)
}
