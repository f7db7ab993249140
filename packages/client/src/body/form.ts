import { userError } from '@hyper/core/error'
import { shown } from '../option.ts'
import { isFormData } from './source.ts'

// Forms: names and values as application/x-www-form-urlencoded, by the rules of the URL standard.

/** A value of a field of a form; a list is one field for each. Null and undefined leave it out. */
export type FormValue = string | number | boolean | null | undefined

/** The fields of a form. */
export type FormInit =
  | URLSearchParams
  | Iterable<readonly [string, FormValue]>
  | Readonly<Record<string, FormValue | readonly FormValue[]>>

/** The text of a form. @throws HyperError `INVALID_BODY` for what has no place in one: an object would be `[object Object]` */
export function formText(form: FormInit): string {
  if (typeof form !== 'object' || form === null || isFormData(form))
    throw userError('INVALID_BODY', 'a form is an object, or pairs; text and a FormData are given as `body`')
  const params = new URLSearchParams()
  for (const [name, value] of Symbol.iterator in form ? form : Object.entries(form)) {
    for (const one of isList(value) ? value : [value])
      if (one !== null && one !== undefined) params.append(name, textOf(name, one))
  }
  return params.toString()
}

function textOf(name: string, value: string | number | boolean): string {
  if (typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol')
    throw userError('INVALID_BODY', `the field ${name} of a form cannot be ${shown(value)}`)
  return String(value)
}

function isList(value: FormValue | readonly FormValue[]): value is readonly FormValue[] {
  return Array.isArray(value)
}
