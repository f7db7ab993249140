import { nameOf } from '../body/check.ts'
import { HyperError, userError } from '../error/index.ts'
import { Extensions } from '../http/extensions.ts'
import { HeaderMap, type HeadersInit } from '../http/header-map.ts'
import type { HttpRequest } from '../http/request.ts'
import { HttpResponse } from '../http/response.ts'
import type { PeerInfo } from '../rt/index.ts'
import type { Exchange, IoParts } from '../service/service.ts'

// ServerExchange: one request being answered, as its service sees it. Plain fields; nothing is made before it is asked
// for.

/** What the exchange needs of its connection. */
export interface ExchangeHost {
  readonly peer: PeerInfo
  sendInformational(exchange: ServerExchange, status: number, headers: HeaderMap): boolean
  /** Whether the request offers a switch of protocols. */
  offersUpgrade(exchange: ServerExchange): boolean
  /** What has come behind the request by now, and is the new protocol's once the connection is switched. */
  behind(): Uint8Array
  /** Answers that the request was not processed. Nothing was answered before. */
  refuse(exchange: ServerExchange): void
  /** Answers, from outside of the service. */
  answer(exchange: ServerExchange, response: HttpResponse): void
  /** Gives the exchange up, without an answer or in the middle of one. */
  abandon(exchange: ServerExchange, reason: HyperError): void
  onHookError(error: unknown): void
}

export class ServerExchange implements Exchange {
  readonly request: HttpRequest
  cancelled: HyperError | null = null
  /** The answer is complete, or was given up. */
  isOver: boolean = false
  /** The head of the answer is written. */
  isAnswered: boolean = false
  /** What the service has failed with, or its answer was refused for: the one in its place is our own. Null while it has not. */
  failure: HyperError | null = null
  private readonly host: ExchangeHost
  private bag: Extensions | null = null
  private listeners: ((reason: HyperError) => void)[] | null = null
  private switched: ((parts: IoParts) => void) | null = null
  private declined: ((error: HyperError) => void) | null = null

  constructor(host: ExchangeHost, request: HttpRequest) {
    this.host = host
    this.request = request
  }

  get peer(): PeerInfo {
    return this.host.peer
  }

  get extensions(): Extensions {
    if (this.bag === null) this.bag = new Extensions()
    return this.bag
  }

  onCancel(fn: (reason: HyperError) => void): void {
    if (this.cancelled !== null) fn(this.cancelled)
    else if (!this.isOver) {
      if (this.listeners === null) this.listeners = [fn]
      else this.listeners.push(fn)
    }
  }

  informational(status: number, headers?: HeadersInit | HeaderMap): boolean {
    return this.host.sendInformational(this, status, HeaderMap.from(headers))
  }

  refuse(): HttpResponse {
    if (!this.isOver && !this.isAnswered) this.host.refuse(this)
    return refusal()
  }

  /**
   * Answers now, in place of what the service has promised: for who is called back and has no use for a promise.
   * @internal
   */
  answer(response: HttpResponse): void {
    this.host.answer(this, response)
  }

  /**
   * Gives the exchange up, for who has no answer or cannot go on with one: the client sees a reset, of the connection or of
   * the stream. Nobody is told but those who listen for the end of the exchange.
   * @internal
   */
  abandon(reason: HyperError): void {
    if (!this.isOver) this.host.abandon(this, reason)
  }

  /**
   * What has come behind the request by now. `upgrade` gives it again, as the beginning of what is left over.
   * @internal
   */
  get behind(): Uint8Array {
    return this.host.behind()
  }

  upgrade(): Promise<IoParts> {
    const mayAsk = !this.isOver && !this.isAnswered && this.switched === null && this.host.offersUpgrade(this)
    const parts = mayAsk
      ? new Promise<IoParts>((resolve, reject) => {
          this.switched = resolve
          this.declined = reject
        })
      : Promise.reject<IoParts>(this.cancelled ?? userError('NO_UPGRADE', null))
    // Who does not wait for it is not bothered with its failure, which any client can cause.
    parts.catch(ignore)
    return parts
  }

  /** Whether somebody waits for the connection. */
  get wantsUpgrade(): boolean {
    return this.switched !== null
  }

  /** The answer has switched protocols. */
  hand(parts: IoParts): void {
    this.over()
    this.switched?.(parts)
  }

  /** The answer is complete and switched nothing. */
  over(): void {
    this.isOver = true
    this.listeners = null
  }

  /** The answer declined the upgrade. */
  decline(): void {
    this.declined?.(userError('NO_UPGRADE', 'the answer declined the upgrade'))
  }

  /** The exchange will not be completed. */
  cancel(reason: HyperError): void {
    if (this.isOver) return
    this.isOver = true
    this.cancelled = reason
    this.declined?.(reason)
    const { listeners } = this
    this.listeners = null
    if (listeners === null) return
    for (const listener of listeners) {
      try {
        listener(reason)
      } catch (error) {
        this.host.onHookError(error)
      }
    }
  }
}

/** RFC 9110 §15.6.4. The connection ends: the client should go elsewhere. */
export function refusal(): HttpResponse {
  return new HttpResponse(null, { status: 503, headers: { connection: 'close' } })
}

/** What a service's error is answered with: as the error says, or 500. */
export function statusOf({ statusHint }: HyperError): number {
  // An error that was made by hand may say anything.
  return Number.isInteger(statusHint) && statusHint >= 400 && statusHint <= 599 ? statusHint : 500
}

function ignore(): void {}

// What services give and throw may be anything. Even to ask a proxy what it is may throw, which must cost no more than the
// exchange.

/** What a service has thrown, as an error of ours. */
export function serviceFailure(thrown: unknown): HyperError {
  try {
    if (thrown instanceof HyperError) return thrown
  } catch {
    // It is none.
  }
  return userError('SERVICE_FAILED', null, thrown)
}

/** Whether a service has given a response. */
export function isResponse(given: unknown): given is HttpResponse {
  try {
    return given instanceof HttpResponse
  } catch {
    return false
  }
}

/** What a service has given in place of a response. A response of another copy of this package is none either. */
export function gaveNoResponse(given: unknown): HyperError {
  return userError('SERVICE_FAILED', `the service gave ${nameOf(given)}, not an HttpResponse of this package`)
}
