import type { TextCodec } from '@hyper/core/rt'

// Bytes to strings and back with Buffer's native slices, on any Uint8Array and without copying it first.

type Slice = (this: Uint8Array, start: number, end: number) => string

// `latin1Slice` and `utf8Slice` are in Node, Deno and Bun, but not in Node's documentation. They are what `toString` calls
// after it has looked its encoding up; a wrapped `toString` costs a Buffer per call and is the fallback.
const methods = Buffer.prototype as unknown as { latin1Slice?: Slice; utf8Slice?: Slice }
const latin1Slice: Slice = methods.latin1Slice ?? sliceBy('latin1')
const utf8Slice: Slice = methods.utf8Slice ?? sliceBy('utf8')

export const nodeText: TextCodec = {
  latin1(bytes, start, end) {
    return latin1Slice.call(bytes, start, end)
  },
  utf8(bytes, start, end) {
    const hasMark =
      end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf
    return utf8Slice.call(bytes, hasMark ? start + 3 : start, end)
  },
  encodeUtf8(text) {
    return Buffer.from(text, 'utf8')
  },
  utf8Length(text) {
    return Buffer.byteLength(text)
  },
  encodeLatin1(text) {
    return Buffer.from(text, 'latin1')
  },
}

function sliceBy(encoding: 'latin1' | 'utf8'): Slice {
  return function slice(this: Uint8Array, start: number, end: number) {
    return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString(encoding, start, end)
  }
}
