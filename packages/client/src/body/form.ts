// Forms: names and values as application/x-www-form-urlencoded, by the rules of the URL standard.

/** A value of a field of a form; a list is one field for each. Null and undefined leave it out. */
export type FormValue = string | number | boolean | null | undefined

/** The fields of a form. */
export type FormInit =
  | URLSearchParams
  | Iterable<readonly [string, FormValue]>
  | Readonly<Record<string, FormValue | readonly FormValue[]>>

/** The text of a form. */
export function formText(form: FormInit): string {
  const params = new URLSearchParams()
  for (const [name, value] of Symbol.iterator in form ? form : Object.entries(form)) {
    for (const one of isList(value) ? value : [value])
      if (one !== null && one !== undefined) params.append(name, String(one))
  }
  return params.toString()
}

function isList(value: FormValue | readonly FormValue[]): value is readonly FormValue[] {
  return Array.isArray(value)
}
