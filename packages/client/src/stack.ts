import { type Service, stack } from '@hyper/core/service'
import { defaultLayers } from './layers/defaults.ts'
import type { ClientOptions } from './options.ts'

// The default stack of a client: what a request goes through between `client.request` and its connection, the outermost
// first. Each layer is a function that takes a service and gives one; `transport` is the innermost.

/** Puts the layers that `options` ask for round `transport`. */
export function defaultStack(options: ClientOptions, transport: Service): Service {
  return stack(defaultLayers(options), transport)
}
