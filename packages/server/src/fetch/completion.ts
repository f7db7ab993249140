import type { HyperError } from '@hyper/core/error'
import type { Exchange } from '@hyper/core/service'

// Whether an answer is out. In: the exchange that it was given to. Out: a promise that is made when somebody asks for it, and what
// the engine has refused an answer for. Who cancels the exchange, and when a body is over, others know.

/** A promise with both of its ends. */
export interface Completion {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export function newCompletion(): Completion {
  let resolve: Completion['resolve'] = ignore
  let reject: Completion['reject'] = ignore
  const promise = new Promise<void>((fulfil, fail) => {
    resolve = fulfil
    reject = fail
  })
  return { promise, resolve, reject }
}

/**
 * What an answer was refused for, such as fields that contradict it: in its place goes one of the engine's own. Null when it was
 * not, and where the exchange is somebody else's.
 */
export function failureOf(exchange: Exchange & { readonly failure?: HyperError | null }): HyperError | null {
  return exchange.failure ?? null
}

function ignore(): void {}
