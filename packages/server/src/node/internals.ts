import { EventEmitter } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Turn } from './turn.ts'

// What Node's own message classes have inside, as far as the adapter takes part in it. The members with an underscore have
// been there since the first lines of Node, and what replaces a socket in tests and on functions-as-a-service lives on
// them. What stands behind symbols is looked for by its description, and is done without where it is not found.

/** Where a request and a response have their {@link Turn}: an own property, which survives a change of prototype. */
export const TURN: unique symbol = Symbol('turn')

/** Calls back when a write, or the end, is with the transport. */
export type Written = (error?: Error | null) => void

/** A request as Node has it inside. */
export interface RawRequest extends IncomingMessage {
  [TURN]: Turn
  upgrade: boolean | null
  joinDuplicateHeaders: boolean
  _consuming: boolean
  _dump(): void
  _addHeaderLines(lines: string[], count: number): void
}

/** A response as Node has it inside. */
export interface RawResponse extends ServerResponse {
  [TURN]: Turn
  statusMessage: string
  socket: Socket | null
  outputSize: number
  _header: string | null
  _closed: boolean
  _contentLength: number | null
  _trailer: string
  _removedContLen: boolean
  _storeHeader(line: string, headers: unknown): void
  _send(data: string | Uint8Array, encoding?: BufferEncoding | null, callback?: Written | null): boolean
  _writeRaw(data: string, encoding?: unknown, callback?: Written | null): boolean
  _finish(): void
  getRawHeaderNames(): string[]
}

/** It is over, as Node says it of its own. */
export function markClosed(response: RawResponse): void {
  response.destroyed = true
  response._closed = true
}

/** Somebody has begun to read it, which Node does a little later. */
export function isRead(request: RawRequest): boolean {
  return request.readableFlowing === true || request.listenerCount('readable') > 0
}

/** Somebody listens to one of two events. */
export function isHeard(request: RawRequest, one: string, other: string): boolean {
  return request.listenerCount(one) > 0 || request.listenerCount(other) > 0
}

interface Finishing {
  _finish(): void
}

/** What Node does when a response has ended: `prefinish`, and its performance entries. */
export function finishAsNode(response: RawResponse): void {
  ;(ServerResponse.prototype as unknown as Finishing)._finish.call(response)
}

/** What Node does when a request that is over is destroyed: it calls back, sooner or later. */
export function destroyAsNode(request: RawRequest, error: Error | null, callback: Written): void {
  IncomingMessage.prototype._destroy.call(request, error, callback)
}

type Inside = Record<symbol, unknown>

function symbolOf(object: object, description: string): symbol | undefined {
  for (
    let owner: object | null = object;
    owner !== null;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    const found = Object.getOwnPropertySymbols(owner).find((symbol) => symbol.description === description)
    if (found !== undefined) return found
  }
  return undefined
}

const request = new IncomingMessage(null as unknown as Socket)
request.method = 'GET'
request.httpVersionMajor = 1
request.httpVersionMinor = 1
const response = new ServerResponse(request)
const OUT_HEADERS = symbolOf(response, 'kOutHeaders')
const NEED_DRAIN = symbolOf(response, 'kNeedDrain')
const ABORT_CONTROLLER = symbolOf(request, 'kAbortController')
const DETACH_SIGNAL = symbolOf(request, 'kDetachAbortSignal')

/** What `setHeader` has gathered: `[name, value]` under each lower-case name. Undefined where Node does not say. */
export function outHeadersOf(from: RawResponse): Record<string, [string, unknown]> | null | undefined {
  if (OUT_HEADERS === undefined) return undefined
  return (from as unknown as Inside)[OUT_HEADERS] as Record<string, [string, unknown]> | null
}

/** `write` has answered false; from now on that is over. */
export function drained(of: RawResponse): void {
  if (NEED_DRAIN !== undefined) (of as unknown as Inside)[NEED_DRAIN] = false
}

/** `request.signal` (Node 24.16) listens to the socket; it must not once the request is over. */
export function leaveSignal(of: RawRequest): void {
  const inside = of as unknown as Inside
  if (ABORT_CONTROLLER === undefined || DETACH_SIGNAL === undefined || inside[ABORT_CONTROLLER] === null)
    return
  ;(inside[DETACH_SIGNAL] as () => void).call(of)
}

/** Aborts `request.signal`, where anybody has asked for it. */
export function abortSignal(of: RawRequest): void {
  leaveSignal(of)
  if (ABORT_CONTROLLER === undefined) return
  const controller = (of as unknown as Inside)[ABORT_CONTROLLER] as AbortController | null | undefined
  controller?.abort()
}

/** Has what listeners reject with reported, by `emitter[Symbol.for('nodejs.rejection')]`. */
export function captureRejections(emitter: EventEmitter): void {
  ;(EventEmitter as unknown as (this: EventEmitter, options: object) => void).call(emitter, {
    captureRejections: true,
  })
}

/** An error as Node makes them: with a code, by which people know it. */
export function nodeError(code: string, message: string, Kind: ErrorConstructor = Error): Error {
  return Object.assign(new Kind(message), { code })
}
