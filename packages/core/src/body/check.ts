// What may come from a caller that no compiler has checked.

/** True for a byte array of any realm, a Node Buffer included; false for other views. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && tagOf(value) === 'Uint8Array')
}

export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** What to call `value` in a message. */
export function nameOf(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : typeof value
}

function tagOf(view: ArrayBufferView & { [Symbol.toStringTag]?: string }): string | undefined {
  return view[Symbol.toStringTag]
}
