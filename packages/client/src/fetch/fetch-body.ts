import { Body, IterableBody } from '@hyper/core/body'
import { fromReadableStream } from '@hyper/util/web'
import { isBlob, isFormData, isSearchParams } from '../body/source.ts'
import type { BodySource } from '../options.ts'
import { fetchErrorOf } from './fetch-error.ts'

// The body of a request as fetch takes it (Fetch, "extract a body"). In: any BodyInit. Out: what the client sends, with
// what fetch says of it. What the client knows itself (forms, blobs) goes to it as it is.

/** What {@link extractBody} found. */
export interface Extracted {
  readonly content: BodySource
  /** The `content-type` that the client would not set by itself; null when there is none. */
  readonly type: string | null
  /** True when it comes bit by bit and once only: `duplex` must be given, and no redirect may ask for it again. */
  readonly isStream: boolean
}

/** Takes a body apart. Throws a TypeError for a stream that somebody else reads. */
export function extractBody(init: unknown, signal: AbortSignal | null): Extracted {
  if (typeof init !== 'object' || init === null) return text(init)
  // The standard copies bytes: the caller may write into them as soon as fetch has returned.
  if (ArrayBuffer.isView(init))
    return whole(new Uint8Array(init.buffer, init.byteOffset, init.byteLength).slice())
  if (init instanceof ArrayBuffer) return whole(new Uint8Array(init).slice())
  if (isBlob(init) || isFormData(init) || isSearchParams(init)) return whole(init)
  if (init instanceof Body) return { content: init, type: null, isStream: true }
  if ('getReader' in init) return stream(init as ReadableStream<Uint8Array>, signal)
  if (Symbol.asyncIterator in init) {
    const content = new IterableBody(init as AsyncIterable<Uint8Array>)
    return { content, type: null, isStream: true }
  }
  return text(init)
}

function whole(content: BodySource): Extracted {
  return { content, type: null, isStream: false }
}

// As the platform turns anything into text: a symbol is a TypeError.
function text(init: unknown): Extracted {
  return { content: `${init as string}`, type: 'text/plain;charset=UTF-8', isStream: false }
}

function stream(given: ReadableStream<Uint8Array>, signal: AbortSignal | null): Extracted {
  if (given.locked || isDisturbed(given))
    throw new TypeError('the given stream is locked or was read before: somebody else has its data')
  const content = fromReadableStream(given, { reasonOf: (reason) => fetchErrorOf(reason, signal) })
  return { content, type: null, isStream: true }
}

// Only the platform's own objects can tell whether a stream was read: a Response of one that was refuses to be made.
function isDisturbed(given: ReadableStream<Uint8Array>): boolean {
  try {
    return new Response(given).bodyUsed
  } catch {
    return true
  }
}
