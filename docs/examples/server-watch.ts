// An access log, and what never became a request.
// #region watch
import type { HttpRequest } from '@hyper/core/http'
import type { Tracer } from '@hyper/core/trace'
import { Response, serve } from '@hyper/server'

const begun = new WeakMap<HttpRequest, number>()
const statuses = new WeakMap<HttpRequest, number>()
const durations: number[] = []

const tracer: Tracer = {
  onRequestStart: (request) => void begun.set(request, performance.now()),
  onResponseStart: (request, response) => void statuses.set(request, response.status),
  onRequestEnd(request, error) {
    durations.push(performance.now() - (begun.get(request) ?? 0))
    console.log(request.method, request.target, statuses.get(request) ?? '-', error?.code ?? 'ok')
  },
  onConnectionEnd(_connection, reasons, error) {
    if (error !== null) console.log('connection:', ...reasons, error.code)
  },
}

const server = await serve({ port: 0, hostname: '127.0.0.1', tracer, fetch: () => new Response('watched') })
// #endregion watch

import { once } from 'node:events'
import { connect } from 'node:net'
for (const text of ['GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 'nonsense\r\n\r\n']) {
  const socket = connect(server.port, '127.0.0.1').end(text)
  socket.resume()
  await once(socket, 'close')
}
await server.close()
