import { userError } from '@hyper/core/error'
import { type H1ServerOptions, ServerMachine } from '@hyper/core/h1'
import { type H2ServerOptions, ServerMachine as H2ServerMachine } from '@hyper/core/h2'
import type { Runtime } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { createRuntime, runtime as ownRuntime } from '@hyper/util/platform'
import type { AutoOptions } from '@hyper/util/server'
import { limitedService } from './body-limit.ts'
import { checkOptions, limit, timeout, withNames } from './check.ts'
import type { Shared } from './fetch/context.ts'
import { RequestUrls } from './fetch/request-url.ts'
import { fetchService } from './fetch/service.ts'
import { h1Options, h2Options, onlyProtocol, type ServeOptions } from './options.ts'
import { openPlace } from './place.ts'
import { type Accepting, Server } from './server.ts'
import { closeOnSignals, signalPlan } from './signals.ts'
import { withTunnelIdle } from './tunnel-idle.ts'

/**
 * Starts a server: HTTP/2, HTTP/1.1 and 1.0 in one place, by TLS when `tls` is given. Resolves once it listens.
 * @throws HyperError `INVALID_OPTION`; the system's error (`EADDRINUSE` and the like) when it cannot listen; the reason of
 *   `signal` when that has aborted by then.
 */
export async function serve(options: ServeOptions): Promise<Server> {
  checkOptions(options)
  const { signal, tls } = options
  const signals = signalPlan(options.signals)
  signal?.throwIfAborted()
  const runtime = runtimeOf(options)
  // Contexts come with connections, and those with the server: what they call is there by then.
  const answer = serviceOf(options, runtime, {
    urls: new RequestUrls(options.hostname ?? 'localhost'),
    defer: (task) => runtime.defer(task),
    waitUntil: (work) => server.waitUntil(work),
  })
  const server: Server = new Server({
    service: (request, exchange) => (server.busy ? exchange.refuse() : answer(request, exchange)),
    runtime,
    auto: {
      ...autoOptions(options, runtime),
      onSwitched: (io) => server.switched(io),
    },
    waitUntil: timeout('timeouts.waitUntil', options.timeouts?.waitUntil),
    maxConnections: limit('limits.maxConnections', options.limits?.maxConnections),
    maxConnectionsPerAddress: limit(
      'limits.maxConnectionsPerAddress',
      options.limits?.maxConnectionsPerAddress,
    ),
    connectionAge: timeout('timeouts.connectionAge', options.timeouts?.connectionAge),
    secure: tls !== undefined,
  })
  const { accepting, binding } = await openPlace(options, runtime, {
    onConnection: (io) => server.accept(io),
    onEnd: () => void server.close(),
  })
  server.listening(binding, accepting)
  if (signals !== null) closeOnSignals(server, signals, runtime)
  if (signal !== undefined) await closeOnAbort(server, signal, accepting)
  return server
}

/** The signal may outlive the server, and is let go with it. @throws its reason, when it has aborted in the meantime */
async function closeOnAbort(server: Server, signal: AbortSignal, accepting: Accepting): Promise<void> {
  if (signal.aborted) {
    // Whoever hears of it may take the port at once.
    await accepting.close({ grace: 0 })
    await server.close({ deadline: 0 })
  }
  signal.throwIfAborted()
  const close = (): void => void server.close()
  signal.addEventListener('abort', close, { once: true })
  void server.closed.then(() => signal.removeEventListener('abort', close))
}

/** What every connection is made with. */
export function autoOptions(options: ServeOptions, runtime: Runtime): AutoOptions {
  return {
    runtime,
    tracer: options.tracer,
    only: onlyProtocol(options),
    sniffTimeout: options.timeouts?.handshake,
    http1: withNames('http1', options, () => checked(h1Options(options))),
    http2: withNames('http2', options, () => checkedH2(h2Options(options))),
  }
}

function serviceOf(options: ServeOptions, runtime: Runtime, shared: Shared): Service {
  const { fetch, limits, service, timeouts } = options
  const answering = service ?? (fetch === undefined ? undefined : fetchService(fetch, shared))
  if (answering === undefined) throw userError('INVALID_OPTION', 'serve() needs one of `fetch` and `service`')
  const max = limit('limits.maxRequestBodySize', limits?.maxRequestBodySize)
  const limited = max === Infinity ? answering : limitedService(answering, max)
  const silence = timeout('timeouts.tunnelIdle', timeouts?.tunnelIdle)
  return silence === Infinity ? limited : withTunnelIdle(limited, silence, runtime)
}

/** A mistake is to be told now, and not to the first client: a machine checks what it is made with. */
function checked(options: H1ServerOptions): H1ServerOptions {
  void new ServerMachine(options)
  return options
}

function checkedH2(options: H2ServerOptions): H2ServerOptions {
  void new H2ServerMachine(options)
  return options
}

export function runtimeOf(options: ServeOptions): Runtime {
  const { onError, runtime } = options
  if (onError === undefined) return runtime ?? ownRuntime
  if (runtime === undefined) return createRuntime({ onError })
  const { clock, text, timer } = runtime
  // What it throws itself is dropped, as that of the runtimes that are made here.
  const told = (error: unknown): void => {
    try {
      onError(error)
    } catch {
      // There is nobody left to tell.
    }
  }
  return { clock, text, timer, defer: (task) => runtime.defer(task), onError: told }
}
