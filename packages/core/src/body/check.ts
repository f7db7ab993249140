// What may come from a caller that no compiler has checked.

/** True for a byte array of any realm, a Node Buffer included; false for other views. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && tagOf(value) === 'Uint8Array')
}

export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** What to call `value` in a message: its class, for an object that has one. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  const name: unknown =
    'constructor' in value && typeof value.constructor === 'function' ? value.constructor.name : ''
  return typeof name !== 'string' || name === '' || name === 'Object' ? 'an object' : name
}

function tagOf(view: ArrayBufferView & { [Symbol.toStringTag]?: string }): string | undefined {
  return view[Symbol.toStringTag]
}
