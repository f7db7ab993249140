// A service of Connect on a fetch handler: the protocols Connect, gRPC and gRPC-Web.
// #region rpc
import type { ConnectRouter } from '@connectrpc/connect'
import { type FetchHandler, Response } from '@hyper/server'

/** What answers the routes of `createConnectRouter()`. */
export function rpcHandler({ handlers }: ConnectRouter): FetchHandler {
  const routes = new Map(handlers.map((handler) => [handler.requestPath, handler]))
  return async (request, context) => {
    const handler = routes.get(new URL(request.url).pathname)
    if (handler === undefined) return new Response(null, { status: 404 })
    const { body, header, status, trailer } = await handler({
      httpVersion: context.httpVersion,
      url: request.url,
      method: request.method,
      header: request.headers,
      body: request.body ?? (async function* nothing() {})(),
      signal: request.signal,
    })
    if (trailer !== undefined) context.trailers(() => trailer) // complete once the body is
    const init = { status, headers: header ?? {} }
    return body === undefined ? new Response(null, init) : new Response(body, init)
  }
}
// #endregion rpc
