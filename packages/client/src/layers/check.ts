import { userError } from '@hyper/core/error'

// Options of layers: in goes what a caller gave, out comes a value that is in range, or an error that names the option.

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

/** A value in a message: text in quotes, so that `'80'` is not taken for 80. */
function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
