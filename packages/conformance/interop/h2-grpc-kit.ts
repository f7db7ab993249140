// gRPC over our native service and our HTTP/2 client: length-prefixed messages, and a status in the trailers. In: methods that take
// and give messages. Out: a Service, or calls. No protobuf here: a message is bytes.
import type { h2 } from '@hyper/core'
import { IterableBody, type Body } from '@hyper/core/body'
import { HeaderMap, HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange, Service } from '@hyper/core/service'

/** A call that ends with a status other than 0. */
export class GrpcError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export const CANCELLED = 1
export const DEADLINE_EXCEEDED = 4
export const RESOURCE_EXHAUSTED = 8
export const UNIMPLEMENTED = 12
export const UNAVAILABLE = 14

/** What a method is given. */
export interface GrpcCall {
  readonly messages: AsyncIterable<Uint8Array>
  readonly headers: HeaderMap
  /** To be filled before the first message. */
  readonly initial: HeaderMap
  /** To be filled before the end. */
  readonly trailers: HeaderMap
  readonly exchange: Exchange
}

/** Yields the answers; throws a {@link GrpcError} for another status than 0. */
export type GrpcMethod = (call: GrpcCall) => AsyncIterable<Uint8Array>

const TYPE = { 'content-type': 'application/grpc' } as const

/** A service of these methods by path: `/package.Service/Method`. */
export function grpcService(methods: ReadonlyMap<string, GrpcMethod>): Service {
  return async (request, exchange) => {
    const method = methods.get(request.uri.path)
    if (method === undefined) return trailersOnly(new GrpcError(UNIMPLEMENTED, `no ${request.uri.path}`))
    const call: GrpcCall = {
      messages: messagesOf(request.body),
      headers: request.headers,
      initial: new HeaderMap(TYPE),
      trailers: new HeaderMap(),
      exchange,
    }
    const answers = method(call)[Symbol.asyncIterator]()
    try {
      const first = await answers.next()
      return respond(call, first, answers)
    } catch (error) {
      return trailersOnly(error, call)
    }
  }
}

function respond(
  call: GrpcCall,
  first: IteratorResult<Uint8Array>,
  answers: AsyncIterator<Uint8Array>,
): HttpResponse {
  async function* frames(): AsyncGenerator<Uint8Array> {
    try {
      for (let next = first; next.done !== true; next = await answers.next()) yield framed(next.value)
      writeStatus(call.trailers, null)
    } catch (error) {
      writeStatus(call.trailers, error)
    } finally {
      await answers.return?.()
    }
  }
  return new HttpResponse(new IterableBody(frames()), {
    headers: call.initial,
    trailers: () => call.trailers,
  })
}

// One HEADERS frame that is head and trailers at once.
function trailersOnly(error: unknown, call?: GrpcCall): HttpResponse {
  const headers = new HeaderMap(TYPE)
  if (call !== undefined) for (const [name, value] of call.trailers) headers.append(name, value)
  writeStatus(headers, error)
  return new HttpResponse(null, { headers })
}

function writeStatus(map: HeaderMap, error: unknown): void {
  const failed = error !== null
  map.set('grpc-status', String(error instanceof GrpcError ? error.code : failed ? 2 : 0))
  if (failed) map.set('grpc-message', percent(error instanceof Error ? error.message : 'unknown'))
}

/** UTF-8, with what is not visible ASCII as %XX. */
export function percent(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    return plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

/** A message with its prefix: not compressed, and its length. */
export function framed(message: Uint8Array): Uint8Array {
  const out = Buffer.alloc(5 + message.length)
  out.writeUInt32BE(message.length, 1)
  out.set(message, 5)
  return out
}

/** The messages of a body. */
export async function* messagesOf(body: Body): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let held = 0
  let wanted = 5
  for await (const chunk of body) {
    parts.push(chunk)
    held += chunk.length
    if (held < wanted) continue
    let rest = Buffer.concat(parts)
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1)
      yield rest.subarray(5, end)
      rest = rest.subarray(end)
    }
    parts = [rest]
    held = rest.length
    wanted = held >= 5 ? 5 + rest.readUInt32BE(1) : 5
  }
  if (held > 0) throw new GrpcError(13, 'a message is cut')
}

/** A call that we have made. */
export interface MadeCall {
  readonly status: number
  readonly headers: HeaderMap
  readonly messages: AsyncIterable<Uint8Array>
  /** After the messages: `grpc-status` and `grpc-message`, from the trailers or from a head that is both. */
  readonly end: () => Promise<{
    readonly code: number
    readonly message: string
    readonly trailers: HeaderMap
  }>
}

/** Calls a method on a connection. */
export async function call(
  sender: ReturnType<typeof h2.handshake>['sender'],
  path: string,
  messages: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  extra: Readonly<Record<string, string>> = {},
): Promise<MadeCall> {
  async function* frames(): AsyncGenerator<Uint8Array> {
    for await (const message of messages) yield framed(message)
  }
  const request = new HttpRequest('POST', `http://localhost${path}`, {
    headers: { ...TYPE, te: 'trailers', ...extra },
    body: new IterableBody(frames()),
  })
  const response = await sender.send(request)
  return {
    status: response.status,
    headers: response.headers,
    messages: messagesOf(response.body),
    end: async () => {
      const trailers = (await response.trailers) ?? response.headers
      const code = Number(trailers.get('grpc-status') ?? response.headers.get('grpc-status') ?? -1)
      return { code, message: decodeURIComponent(trailers.get('grpc-message') ?? ''), trailers }
    },
  }
}

/** All there are. */
export async function all(messages: AsyncIterable<Uint8Array>): Promise<string[]> {
  const list: string[] = []
  for await (const message of messages) list.push(Buffer.from(message).toString('latin1'))
  return list
}
