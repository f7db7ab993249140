import {
  type IncomingMessage,
  type RequestListener,
  Server as HttpServer,
  type ServerResponse,
} from 'node:http'
import { Server as HttpsServer } from 'node:https'
import { isIPv6 } from 'node:net'
import { Host } from './host.ts'
import { captureRejections, nodeError } from './internals.ts'
import { readListen } from './listen-arguments.ts'
import { HEADERS_TIMEOUT, isSecure, KEEP_ALIVE_TIMEOUT, type NodeServerOptions } from './options.ts'

// createServer: an object of Node's own class (for observers that patch it, and for `instanceof`), whose listening,
// connections and ends are the engine's. Nothing of Node's HTTP runs: its listeners are taken off, its methods are hidden
// by those of the object.

/**
 * What answers requests, as for `http.createServer`: a function, an application of Express, `app.callback()` of Koa. What
 * it throws, or rejects with, is a 500.
 */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse & { req: IncomingMessage },
) => unknown

/**
 * As `http.createServer`, and with a certificate among the options as `https.createServer`, on this engine: HTTP/1.1 and
 * HTTP/2 on one port, its limits and timeouts on.
 * @throws HyperError `INVALID_OPTION`; the errors of Node's own constructors
 */
export function createServer(listener?: NodeListener): HttpServer
export function createServer(options: NodeServerOptions, listener?: NodeListener): HttpServer
export function createServer(
  given: NodeServerOptions | NodeListener = {},
  listener?: NodeListener,
): HttpServer {
  const options = typeof given === 'function' ? {} : given
  const server = isSecure(options) ? new HttpsServer(options) : new HttpServer(options)
  server.removeAllListeners()
  captureRejections(server)
  const { timeouts } = options
  server.keepAliveTimeout = options.keepAliveTimeout ?? inMs(timeouts?.idle, KEEP_ALIVE_TIMEOUT)
  server.headersTimeout = options.headersTimeout ?? inMs(timeouts?.headers, HEADERS_TIMEOUT)
  server.maxRequestsPerSocket ??= 0
  const host = new Host(server, options)
  for (const methods of [listeningMethods(server, host), connectionMethods(server, host)])
    Object.defineProperties(server, Object.getOwnPropertyDescriptors(methods))
  const listening = typeof given === 'function' ? given : listener
  if (listening !== undefined) server.on('request', listening as RequestListener)
  return server
}

function inMs(timeout: number | null | undefined, otherwise: number): number {
  return timeout === null ? 0 : (timeout ?? otherwise)
}

// What the object has in place of Node's methods.

function listeningMethods(server: HttpServer, host: Host): object {
  let closing: Promise<void> | null = null
  return {
    listen(...given: readonly unknown[]): HttpServer {
      const { callback, place } = readListen(given)
      if (host.isListening)
        throw nodeError(
          'ERR_SERVER_ALREADY_LISTEN',
          'Listen method has been called more than once without closing.',
        )
      if (callback !== null) server.once('listening', callback)
      const forget = closeOnAbort(server, place.signal)
      host.listen(
        place,
        () => server.emit('listening'),
        (error) => {
          forget()
          server.emit('error', error)
        },
      )
      return server
    },
    close(callback?: (error?: Error) => void): HttpServer {
      const closed = host.close()
      if (callback !== undefined) {
        const error =
          closed === null ? nodeError('ERR_SERVER_NOT_RUNNING', 'Server is not running.') : undefined
        server.once('close', () => callback(error))
      }
      // Called again, it ends no sooner: who hears of `close` may let the process go.
      if (closed === null && closing !== null) return server
      const ending = closed ?? Promise.resolve()
      closing = ending
      void ending.then(() => {
        if (closing === ending) closing = null
        process.nextTick(() => server.emit('close'))
      })
      return server
    },
    address(): object | string | null {
      const { address } = host
      if (address === null) return null
      if (address.path !== null) return address.path
      const { hostname, port } = address
      return { address: hostname, family: isIPv6(hostname ?? '') ? 'IPv6' : 'IPv4', port }
    },
    get listening(): boolean {
      return host.address !== null
    },
    ref(): HttpServer {
      host.setRef(true)
      return server
    },
    unref(): HttpServer {
      host.setRef(false)
      return server
    },
  }
}

/** @returns lets the signal go, which may outlive this time of listening and must not end the next */
function closeOnAbort(server: HttpServer, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {}
  const stop = (): void => void server.close()
  const forget = (): void => signal.removeEventListener('abort', stop)
  if (signal.aborted) process.nextTick(stop)
  signal.addEventListener('abort', stop, { once: true })
  server.once('close', forget)
  return forget
}

function connectionMethods(server: HttpServer, host: Host): object {
  return {
    closeAllConnections(): void {
      host.closeAll()
    },
    closeIdleConnections(): void {
      host.closeIdle()
    },
    getConnections(callback: (error: Error | null, count: number) => void): HttpServer {
      process.nextTick(callback, null, host.connections)
      return server
    },
    /** What others ask whether there is anything to close (supertest). */
    get _handle(): object | null {
      return host.address
    },
    // The certificates are those of the listener; these would change what nobody looks at.
    addContext: () => refuseContext('addContext'),
    setSecureContext: () => refuseContext('setSecureContext'),
    /** An `async` listener has thrown. */
    [Symbol.for('nodejs.rejection')](error: unknown, event: string, ...given: readonly unknown[]): void {
      host.report(error)
      if (event === 'request') answerFailure(given[1] as ServerResponse<IncomingMessage>)
    },
  }
}

function refuseContext(name: string): never {
  throw nodeError('ERR_METHOD_NOT_IMPLEMENTED', `${name} is not there: use SNICallback`)
}

function answerFailure(response: ServerResponse): void {
  if (response.headersSent || response.writableEnded) {
    response.destroy()
    return
  }
  // They were meant for another answer.
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.sendDate = true
  response.statusMessage = ''
  response.statusCode = 500
  response.end()
}
