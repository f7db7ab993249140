import { type Layer, type Service, stack } from '@hyper/core/service'
import type { ClientOptions } from './options.ts'

// The default stack of a client: what a request goes through between `client.request` and its connection, the outermost
// first. Each layer is a function that takes a service and gives one; `transport` is the innermost.

/** Puts the layers that `options` ask for round `transport`. */
export function defaultStack(_options: ClientOptions, transport: Service): Service {
  const layers: Layer[] = []
  return stack(layers, transport)
}
