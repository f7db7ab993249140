import { Body, EMPTY_BODY, repeat } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import { jsonBody } from '@hyper/util/body'
import { fromReadableStream } from '@hyper/util/web'
import { isObject } from '../option.ts'
import type { BodySource, RequestBody, RequestOptions } from '../options.ts'
import { formText } from './form.ts'
import { Multipart, multipart } from './multipart.ts'
import { isBlob, isFormData, isSearchParams, isStream } from './source.ts'

// Content: what a request sends, of what a caller gave. In: `body`, `json` or `form`. Out: a body, and the content type that
// goes with it. Text, bytes, blobs, forms and functions give a body that can be had again.

/** A body and what it is. */
export interface Content {
  readonly body: Body
  /** What the Content-Type field says, unless the caller has set one; null to leave it out. */
  readonly type: string | null
}

/**
 * The content of a request.
 * @throws HyperError `INVALID_BODY`, `BODY_FAILED` when a function throws, or `INVALID_OPTION` when there is more than one of `body`, `json` and `form`.
 */
export function contentOf(options: Pick<RequestOptions, 'body' | 'form' | 'json'>): Content {
  const { body = null, form, json } = options
  if (form === undefined && json === undefined) return body === null ? NO_CONTENT : contentOfBody(body)
  if (body !== null || (form !== undefined && json !== undefined))
    throw userError('INVALID_OPTION', 'a request has one of body, json and form')
  if (form !== undefined) return { body: Body.from(formText(form)), type: FORM }
  return { body: jsonBody(json), type: 'application/json' }
}

/** Of a request that is not sent: the source of its body is told. A function is not asked for one. */
export function giveUpContent(options: Pick<RequestOptions, 'body'> | undefined, reason: unknown): void {
  const source: unknown = options?.body
  if (!isObject(source)) return
  try {
    contentOfSource(source as BodySource).body.cancel(reason)
  } catch {
    // It was no body, or somebody else reads it.
  }
}

export const NO_CONTENT: Content = { body: EMPTY_BODY, type: null }
const FORM = 'application/x-www-form-urlencoded;charset=UTF-8'

function contentOfBody(body: RequestBody): Content {
  if (typeof body !== 'function') return contentOfSource(body)
  // What it is, is said by what the function makes first.
  let first: Content | null = contentMadeBy(body)
  const { type } = first
  const made = repeat(() => {
    const content = first ?? contentMadeBy(body)
    first = null
    return content.body
  })
  // What was made is its from now on: given up before it is begun, the source is told.
  void made.sizeHint
  return { body: made, type }
}

function contentMadeBy(make: () => BodySource): Content {
  let source: BodySource
  try {
    source = make()
  } catch (cause) {
    throw userError('BODY_FAILED', 'the function that makes the body has thrown', cause)
  }
  return contentOfSource(source)
}

function contentOfSource(source: BodySource): Content {
  if (typeof source === 'string' || source instanceof Uint8Array || source instanceof Body)
    return { body: Body.from(source), type: null }
  if (source instanceof Multipart) return contentOfMultipart(source)
  if (isSearchParams(source)) return { body: Body.from(source.toString()), type: FORM }
  if (isFormData(source)) return contentOfMultipart(multipart(source))
  if (isBlob(source)) return contentOfBlob(source)
  if (isStream(source)) return { body: fromReadableStream(source), type: null }
  if (source instanceof ArrayBuffer) return { body: Body.from(new Uint8Array(source)), type: null }
  if (ArrayBuffer.isView(source)) {
    const { buffer, byteLength, byteOffset } = source
    return { body: Body.from(new Uint8Array(buffer, byteOffset, byteLength)), type: null }
  }
  return { body: Body.from(source as Parameters<typeof Body.from>[0]), type: null }
}

function contentOfMultipart(form: Multipart): Content {
  const body = form.isReplayable ? repeat(() => form.body()) : form.body()
  return { body, type: form.contentType }
}

function contentOfBlob(blob: Blob): Content {
  const type = blob.type === '' ? null : blob.type
  if (blob.size === 0) return { body: EMPTY_BODY, type }
  return { body: repeat(() => fromReadableStream(blob.stream(), { length: blob.size })), type }
}
