// What a caller has given: kinds of the platform are told by their tag, so that those of another realm, and of a library
// that brings its own, are known too.

export function isBlob(value: unknown): value is Blob {
  return isKind(value, 'Blob') || isKind(value, 'File')
}

export function isFormData(value: unknown): value is FormData {
  return isKind(value, 'FormData')
}

export function isSearchParams(value: unknown): value is URLSearchParams {
  return isKind(value, 'URLSearchParams')
}

export function isStream(value: unknown): value is ReadableStream<Uint8Array> {
  return isKind(value, 'ReadableStream')
}

function isKind(value: unknown, kind: string): boolean {
  return typeof value === 'object' && Object.prototype.toString.call(value) === `[object ${kind}]`
}
