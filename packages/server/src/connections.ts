import { userError } from '@hyper/core/error'
import type { Io, Runtime } from '@hyper/core/rt'
import { acceptProxied, Pending, type ProxyProtocolOptions, proxyPlan } from '@hyper/util/server'
import type { PlaceEvents } from './place.ts'
import type { Accepting } from './server.ts'

// Connections that something yields. In: an async iterable of streams. Out: each of them, as it comes; that no more will
// come; and what the iterable fails with, to `onError`. It waits for the next one at once: what is yielded is accepted.

export function takeConnections(
  connections: AsyncIterable<Io>,
  runtime: Runtime,
  events: PlaceEvents,
  proxies: ProxyProtocolOptions | undefined,
): Accepting {
  const plan = proxies === undefined ? null : proxyPlan(proxies)
  // A stream of somebody's own may throw, which is no reason to stop.
  const give = (io: Io): void => {
    try {
      events.onConnection(io)
    } catch (error) {
      runtime.onError(error)
    }
  }
  // Those whose header has not come yet.
  const pending = new Pending<Io>()
  const hand = (io: Io): void => {
    if (plan === null) {
      give(io)
      return
    }
    if (!pending.add(io, () => io.abort())) return
    acceptProxied(io, plan, runtime).then(
      (proxied) => {
        if (pending.delete(io)) give(proxied)
      },
      // Whoever says nothing sensible before the first request is not worth a word.
      () => pending.delete(io),
    )
  }
  const iterator = connections[Symbol.asyncIterator]()
  let closing: Promise<void> | null = null
  const take = async (): Promise<void> => {
    try {
      for (;;) {
        const result = await iterator.next()
        if (result.done === true) break
        if (isIo(result.value)) hand(result.value)
        else runtime.onError(userError('INVALID_STATE', '`connections` has yielded what is no stream'))
      }
    } catch (error) {
      runtime.onError(error)
    }
    events.onEnd()
  }
  void take()
  return {
    // A generator that waits inside ends only with its next value: nobody waits for that.
    close({ grace }) {
      if (closing === null) {
        // What an iterator of somebody's own throws must not hold up the close.
        void (async () => iterator.return?.())().catch((error: unknown) => runtime.onError(error))
        closing = pending.whenEmpty()
      }
      pending.endAfter(grace)
      return closing
    },
    ref() {},
    unref() {},
    reloadTls: null,
  }
}

function isIo(value: unknown): value is Io {
  return typeof value === 'object' && value !== null && 'start' in value && typeof value.start === 'function'
}
