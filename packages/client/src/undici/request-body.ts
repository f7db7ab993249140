import { Readable } from 'node:stream'
import { Body, IterableBody, ThroughBody } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'
import { type Content, contentOf, NO_CONTENT } from '../body/content.ts'
import { multipartWith } from '../body/multipart.ts'
import { isFormData } from '../body/source.ts'
import type { Link } from './link.ts'
import type { RequestFields } from './request-fields.ts'

// The body of a request, as undici has it. In: any of its kinds, and the fields beside it. Out: a Body. Those that are there
// already can be had again; what streams knows its length where Content-Length says it.

/**
 * The content of a request; takes from `fields` what the body says better.
 * @throws HyperError `INVALID_BODY`, `UNEXPECTED_HEADER`
 */
export function requestContent(given: unknown, fields: RequestFields, link: Link): Content {
  if (given === undefined || given === null) return NO_CONTENT
  if (typeof given !== 'object' && typeof given !== 'string')
    throw userError('INVALID_BODY', `a body cannot be made of a ${typeof given}`)
  if (isNodeStream(given)) return { body: nodeBody(given, fields, link), type: null }
  if (isFormData(given)) return formContent(given, fields.headers)
  const content = contentOf({ body: given as Uint8Array })
  if (fields.length === null || !(content.body instanceof IterableBody)) return content
  // What streams has the length that was announced.
  return { ...content, body: new IterableBody(given as Iterable<Uint8Array>, { length: fields.length }) }
}

/** What a fetch has said of a form already: the boundary. Its length may be another one with our line ends. */
function formContent(form: FormData, headers: HeaderMap): Content {
  const boundary = boundaryIn(headers.get('content-type'))
  headers.delete('content-length')
  return contentOf({ body: boundary === null ? form : multipartWith(form, boundary) })
}

/** RFC 2046 §5.1.1. Null where there is none, or none that a form can have. */
function boundaryIn(type: string | null): string | null {
  if (type === null) return null
  const found = /^multipart\/form-data;\s*boundary=(?:"([^"]*)"|([^\s;"]+))/i.exec(type)
  const boundary = found?.[1] ?? found?.[2] ?? ''
  return /^[\w'()+,\-./:=? ]{1,70}$/.test(boundary) ? boundary : null
}

// ------------------------------------------------------------------ streams of Node

/** As undici tells them: those of other libraries, and of before there were iterators, pass too. */
function isNodeStream(value: object | string): value is Readable {
  return (
    typeof value === 'object' &&
    'pipe' in value &&
    typeof value.pipe === 'function' &&
    'on' in value &&
    typeof value.on === 'function'
  )
}

function nodeBody(stream: Readable, fields: RequestFields, link: Link): Body {
  // Whatever happens to it: nobody else may listen, and an error without a listener ends the process.
  stream.on('error', (error) => link.sourceFailed(error))
  const source = Symbol.asyncIterator in stream ? stream : new Readable().wrap(stream)
  return new NodeStreamBody(source, fields.length)
}

class NodeStreamBody extends IterableBody {
  private readonly stream: Readable

  constructor(stream: Readable, length: number | null) {
    super(stream, length === null ? {} : { length })
    this.stream = stream
  }

  // An iterator that has not begun destroys nothing.
  override cancel(reason?: unknown): void {
    super.cancel(reason)
    this.stream.destroy()
  }
}

// ------------------------------------------------------------------ who hears of it

/** Who wants to know what of a body is on its way. */
export interface BodyReport {
  sent(chunk: Uint8Array): void
  allSent(): void
}

/** A body that tells what is sent of it. */
export class ReportedBody extends ThroughBody {
  private readonly report: BodyReport

  constructor(body: Body, report: BodyReport) {
    super(body)
    this.report = report
  }

  override again(): Body | null {
    const again = this.inner.again()
    return again === null ? null : new ReportedBody(again, this.report)
  }

  override onData(chunk: Uint8Array): void {
    super.onData(chunk)
    this.report.sent(chunk)
  }

  override onEnd(): void {
    super.onEnd()
    this.report.allSent()
  }
}
