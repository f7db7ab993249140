import type { HeaderMap } from '@hyper/core/http'
import type { DispatchFields } from './types.ts'

// Fields of a response as undici wants them: as bytes, name and value in turn, and as an object.

/** Names and values in turn, one pair per field line. Names are shared: whoever gets them must not write into them. */
export function rawFieldsOf(headers: HeaderMap | null): Buffer[] {
  const raw: Buffer[] = []
  if (headers === null) return raw
  for (let i = 0; i < headers.size; i++)
    raw.push(nameBytes(headers.nameAt(i)), Buffer.from(headers.valueAt(i), 'latin1'))
  return raw
}

/** The same as an object; a name with several lines has a list. */
export function fieldsOf(headers: HeaderMap | null): DispatchFields {
  const fields: DispatchFields = {}
  if (headers === null) return fields
  for (let i = 0; i < headers.size; i++) addField(fields, headers.nameAt(i), headers.valueAt(i))
  return fields
}

/** Names and values in turn, of the object. */
export function rawOfFields(fields: DispatchFields): Buffer[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((line) => [
      nameBytes(name),
      Buffer.from(line, 'latin1'),
    ]),
  )
}

function addField(fields: DispatchFields, name: string, value: string): void {
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (before === undefined) setField(fields, name, value)
  else if (typeof before === 'string') setField(fields, name, [before, value])
  else before.push(value)
}

function setField(fields: DispatchFields, name: string, value: string | string[]): void {
  // An assignment of this one would change the prototype.
  if (name !== '__proto__') fields[name] = value
  else Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true })
}

const names = new Map<string, Buffer>()
/** Far more than servers use; then the memory starts afresh. A longer name is not remembered: it is up to the server. */
const REMEMBERED = 500
const LONGEST = 64

function nameBytes(name: string): Buffer {
  const known = names.get(name)
  if (known !== undefined) return known
  const bytes = Buffer.from(name, 'latin1')
  if (name.length > LONGEST) return bytes
  if (names.size >= REMEMBERED) names.clear()
  names.set(name, bytes)
  return bytes
}
