import type { HttpResponse } from '@hyper/core/http'
import { FetchContext } from '../fetch/context.ts'
import { LazyResponse } from '../fetch/response.ts'
import {
  answerUpgradeWith,
  answerWebSocket,
  asksForWebSocket,
  type NodeUpgradeHandler,
  type WebSocketUpgrader,
} from './handshake.ts'

export type { NodeUpgradeHandler, WebSocketUpgrader } from './handshake.ts'

// WebSockets for fetch handlers: the handshake of HTTP/1 and that of HTTP/2 are one call. The frames belong to a library.

/**
 * Whether a request asks for a WebSocket: by `upgrade` on HTTP/1 (RFC 6455), by an extended CONNECT on HTTP/2 (RFC 8441),
 * which clients send where `http2: { enableConnectProtocol: true }` offers it.
 */
export function isWebSocket(context: FetchContext): boolean {
  const { exchange, request } = FetchContext.partsOf(context)
  return asksForWebSocket(request, exchange)
}

/**
 * Answers a request for a WebSocket by a library, which decides about subprotocol, extensions and refusal.
 * @param server `new WebSocketServer({ noServer: true })` of `ws`, or what has its `handleUpgrade`
 * @param onOpen takes the WebSocket; it is open for the library, and its first messages wait for the answer to be written.
 *   What it throws is a 500 in place of the answer, and goes to `onError`
 * @returns what the handler answers with: 101, 200 over HTTP/2, or the library's refusal
 */
export async function upgradeWebSocket<S>(
  context: FetchContext,
  server: WebSocketUpgrader<S>,
  onOpen: (socket: S) => void,
): Promise<Response> {
  const { exchange, request } = FetchContext.partsOf(context)
  return toResponse(await answerWebSocket(request, exchange, server, onOpen))
}

/**
 * The same for whatever takes what the `upgrade` event of `node:http` gives: engine.io, a proxy, another WebSocket library.
 */
export async function upgradeWith(context: FetchContext, handler: NodeUpgradeHandler): Promise<Response> {
  const { exchange, request } = FetchContext.partsOf(context)
  return toResponse(await answerUpgradeWith(request, exchange, handler))
}

// The platform's constructor has no 101.
async function toResponse(answer: HttpResponse): Promise<Response> {
  const { headers, payload, status } = answer
  if (payload === null) return LazyResponse.switching(status, headers)
  const body = await answer.body.bytes()
  return new LazyResponse(body, {
    status,
    headers: [...headers] as [string, string][],
  }) as unknown as Response
}
