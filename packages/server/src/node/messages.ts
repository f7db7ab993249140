import { EventEmitter } from 'node:events'
import { IncomingMessage, ServerResponse, type ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import {
  abortSignal,
  destroyAsNode,
  finishAsNode,
  type RawRequest,
  type RawResponse,
  TURN,
  type Written,
} from './internals.ts'
import type { Turn } from './turn.ts'

// Node's own messages, joined to the engine. Their methods are Node's; what lies below those (telling listeners, reading on, a head that is
// complete, bytes to be written, the end) is replaced by own properties that all messages share, because frameworks give
// messages another prototype (Express does). What is joined has its turn under TURN.

/** What a request may be made by, as for `http.createServer`. */
export type RequestClass = NonNullable<ServerOptions['IncomingMessage']>
/** What a response may be made by, as for `http.createServer`. */
export type ResponseClass = NonNullable<ServerOptions['ServerResponse']>

/** What Node's constructor of a response takes besides the request; its types know of none. */
interface ResponseOptions {
  readonly highWaterMark: number
  readonly rejectNonStandardBodyWrites: boolean
}
const Response: new (request: IncomingMessage, options: ResponseOptions) => ServerResponse = ServerResponse

class JoinedRequest extends IncomingMessage {
  constructor(socket: Socket, turn: Turn) {
    super(socket)
    joinRequest(this as unknown as RawRequest, turn)
  }
}

class JoinedResponse extends Response {
  constructor(request: IncomingMessage, options: ResponseOptions, turn: Turn) {
    super(request, options)
    joinResponse(this as unknown as RawResponse, turn)
  }
}

// There is one class of requests to whoever asks a message for its own, and it is Node's.
for (const [Joined, Given] of [
  [JoinedRequest, IncomingMessage],
  [JoinedResponse, ServerResponse],
] as const)
  Object.defineProperty(Joined.prototype, 'constructor', { value: Given })

export function makeRequest(Class: RequestClass | undefined, socket: Socket, turn: Turn): RawRequest {
  if (Class === undefined) return new JoinedRequest(socket, turn) as unknown as RawRequest
  return joinRequest(new Class(socket) as unknown as RawRequest, turn)
}

export function makeResponse(
  Class: ResponseClass | undefined,
  request: IncomingMessage,
  options: ResponseOptions,
  turn: Turn,
): RawResponse {
  if (Class === undefined) return new JoinedResponse(request, options, turn) as unknown as RawResponse
  const Given = Class as unknown as typeof Response
  return joinResponse(new Given(request, options) as unknown as RawResponse, turn)
}

function joinRequest(request: RawRequest, turn: Turn): RawRequest {
  request.emit = emitGuarded
  request._read = readOn
  request._destroy = destroyRequest
  request[TURN] = turn
  return request
}

function joinResponse(response: RawResponse, turn: Turn): RawResponse {
  response.emit = emitGuarded
  response._storeHeader = storeHead
  response._send = send
  response._writeRaw = writeInterim
  response._finish = finish
  response[TURN] = turn
  return response
}

// A listener that throws, wherever it was called from, costs its request and no more: the process lives.
function emitGuarded(this: RawRequest | RawResponse, event: string | symbol, ...given: unknown[]): boolean {
  try {
    return EventEmitter.prototype.emit.call(this, event, ...given)
  } catch (error) {
    this[TURN].failed(error)
    return true
  }
}

// ------------------------------------------------------------------ below a request

function readOn(this: IncomingMessage): void {
  ;(this as RawRequest)[TURN].readOn()
}

function destroyRequest(this: IncomingMessage, error: Error | null, callback: Written): void {
  const request = this as RawRequest
  if (request.readableEnded && request.complete) {
    destroyAsNode(request, error, callback)
    return
  }
  request.aborted = true
  request.emit('aborted')
  abortSignal(request)
  request[TURN].requestGone(error)
  process.nextTick(destroyed, request, error, callback)
}

// As Node: who does not listen for errors is not bothered.
function destroyed(request: RawRequest, error: Error | null, callback: Written): void {
  callback(request.listenerCount('error') === 0 ? null : error)
}

// ------------------------------------------------------------------ below a response

function storeHead(this: RawResponse, line: string, headers: unknown): void {
  this[TURN].storeHead(headers)
  // Only whether there is one matters from here on.
  this._header = line
  this.chunkedEncoding = false
}

function send(
  this: RawResponse,
  data: string | Uint8Array,
  encoding?: BufferEncoding | null,
  callback?: Written | null,
): boolean {
  return this[TURN].send(data, encoding, callback)
}

function writeInterim(
  this: RawResponse,
  data: string,
  encoding?: unknown,
  callback?: Written | null,
): boolean {
  return this[TURN].sendInterim(data, typeof encoding === 'function' ? (encoding as Written) : callback)
}

function finish(this: RawResponse): void {
  finishAsNode(this)
  this[TURN].finish()
}
