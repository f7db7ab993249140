import type { Duplex } from 'node:stream'
import { userError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'
import type { Controller } from './controller.ts'
import { fieldsOf, rawFieldsOf, rawOfFields } from './raw-fields.ts'
import type { DispatchController, DispatchFields, DispatchHandler } from './types.ts'

// Generation: handlers of either generation, called in one way. What a handler throws passes through: whoever calls decides.

/** How handlers of one generation are told things. */
export interface Generation {
  start(handler: DispatchHandler, controller: Controller): void
  /** An interim response, or the final one. */
  head(
    handler: DispatchHandler,
    controller: Controller,
    status: number,
    headers: HeaderMap,
    reason: string,
  ): void
  data(handler: DispatchHandler, controller: Controller, chunk: Buffer): void
  end(handler: DispatchHandler, controller: Controller, trailers: HeaderMap | null): void
  error(handler: DispatchHandler, controller: Controller, error: Error): void
  upgrade(
    handler: DispatchHandler,
    controller: Controller,
    status: number,
    headers: HeaderMap,
    socket: Duplex,
  ): void
}

/**
 * The generation of a handler.
 * @throws HyperError `INVALID_OPTION` for what is no handler, or cannot even be told of an error.
 */
export function generationOf(handler: DispatchHandler): Generation {
  if (typeof handler !== 'object' || handler === null)
    throw userError('INVALID_OPTION', 'a dispatch handler must be an object')
  const isLater = isLaterGeneration(handler)
  const name = isLater ? 'onResponseError' : 'onError'
  if (typeof handler[name] !== 'function')
    throw userError('INVALID_OPTION', `a dispatch handler must have ${name}`)
  return isLater ? LATER : EARLIER
}

/**
 * The same handler with the methods of both generations, for interceptors of either: those of undici 7 call the later
 * methods although the handlers of undici 7 have the earlier ones.
 */
export function bothGenerations(handler: DispatchHandler): DispatchHandler {
  return isLaterGeneration(handler) ? handler : new BothHandler(handler)
}

function isLaterGeneration(handler: DispatchHandler): boolean {
  return typeof handler.onRequestStart === 'function'
}

/** undici 8, and the fetch of Node 26. */
export const LATER: Generation = {
  start(handler, controller) {
    handler.onRequestStart?.(controller, null)
  },

  head(handler, controller, status, headers, reason) {
    controller.headed(headers)
    handler.onResponseStart?.(controller, status, fieldsOf(headers), reason)
  },

  data(handler, controller, chunk) {
    handler.onResponseData?.(controller, chunk)
  },

  end(handler, controller, trailers) {
    controller.trailed(trailers)
    handler.onResponseEnd?.(controller, fieldsOf(trailers))
  },

  error(handler, controller, error) {
    handler.onResponseError?.(controller, error)
  },

  upgrade(handler, controller, status, headers, socket) {
    controller.headed(headers)
    handler.onRequestUpgrade?.(controller, status, fieldsOf(headers), socket)
  },
}

/** undici 6 and 7, and the fetch of Node 22 and 24. */
const EARLIER: Generation = {
  start(handler, controller) {
    handler.onConnect?.((reason) => controller.abort(reason), null)
  },

  head(handler, controller, status, headers, reason) {
    const wantsMore = handler.onHeaders?.(status, rawFieldsOf(headers), () => controller.resume(), reason)
    // What is said of an interim response has no body to hold back; the handlers of undici 7 say false all the same.
    if (wantsMore === false && status >= 200) controller.pause()
  },

  data(handler, controller, chunk) {
    if (handler.onData?.(chunk) === false) controller.pause()
  },

  end(handler, _controller, trailers) {
    handler.onComplete?.(rawFieldsOf(trailers))
  },

  error(handler, _controller, error) {
    handler.onError?.(error)
  },

  upgrade(handler, _controller, status, headers, socket) {
    handler.onUpgrade?.(status, rawFieldsOf(headers), socket)
  },
}

/** A handler of the earlier generation that can be called as one of the later, too. */
class BothHandler implements DispatchHandler {
  private readonly handler: DispatchHandler

  constructor(handler: DispatchHandler) {
    this.handler = handler
  }

  onRequestStart(controller: DispatchController, context: unknown): void {
    this.handler.onConnect?.((reason) => controller.abort(reason), context)
  }

  onResponseStart(
    controller: DispatchController,
    status: number,
    headers: DispatchFields,
    reason: string = '',
  ): void {
    // What an interceptor has made of the headers counts, not what came.
    const raw = rawOfFields(headers)
    const wantsMore = this.handler.onHeaders?.(status, raw, () => controller.resume(), reason)
    if (wantsMore === false && status >= 200) controller.pause()
  }

  onResponseData(controller: DispatchController, chunk: Buffer): void {
    if (this.handler.onData?.(chunk) === false) controller.pause()
  }

  onResponseEnd(_controller: DispatchController, trailers: DispatchFields): void {
    this.handler.onComplete?.(rawOfFields(trailers))
  }

  onResponseError(_controller: DispatchController | null, error: Error): void {
    if (this.handler.onError === undefined) throw error
    this.handler.onError(error)
  }

  onRequestUpgrade(
    _controller: DispatchController,
    status: number,
    headers: DispatchFields,
    socket: Duplex,
  ): void {
    this.handler.onUpgrade?.(status, rawOfFields(headers), socket)
  }

  onConnect(abort: (reason?: Error) => void, context?: unknown): void {
    this.handler.onConnect?.(abort, context)
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, reason: string): boolean | void {
    return this.handler.onHeaders?.(status, raw, resume, reason)
  }

  onData(chunk: Buffer): boolean | void {
    return this.handler.onData?.(chunk)
  }

  onComplete(trailers: Buffer[] | string[] | null): void {
    this.handler.onComplete?.(trailers)
  }

  onError(error: Error): void {
    this.handler.onError?.(error)
  }

  onUpgrade(status: number, raw: Buffer[], socket: Duplex): void {
    this.handler.onUpgrade?.(status, raw, socket)
  }

  onResponseStarted(): void {
    this.handler.onResponseStarted?.()
  }

  onBodySent(...chunk: never[]): void {
    this.handler.onBodySent?.(...chunk)
  }

  onRequestSent(): void {
    this.handler.onRequestSent?.()
  }
}
