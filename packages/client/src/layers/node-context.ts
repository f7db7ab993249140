import { AsyncResource } from 'node:async_hooks'

// The async context of a request: a hook that is called when bytes arrive would else run in that of whoever opened the
// socket, and an AsyncLocalStorage of Node would tell it the wrong things.

/** The function, run in the context in which this was called. */
export function inThisContext<Arguments extends unknown[]>(
  fn: (...args: Arguments) => void,
): (...args: Arguments) => void {
  return AsyncResource.bind(fn)
}
