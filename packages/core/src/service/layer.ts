import { userError } from '../error/index.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Exchange, Layer, Service } from './service.ts'

// Layers: services round a service. They are put together once; a request then costs one call per layer.

/**
 * Puts layers around a service, once, at construction: a request then costs one call per layer and nothing else. The
 * first layer is the outermost.
 * @throws HyperError `INVALID_OPTION` for a layer that gives no function.
 */
export function stack(layers: readonly Layer[], service: Service): Service {
  return layers.reduceRight((inner, layer) => {
    const outer: unknown = layer(inner)
    if (typeof outer !== 'function')
      throw userError('INVALID_OPTION', 'a layer must give a service: a function')
    return outer as Service
  }, service)
}

/** What stands around a service; `inner` is the rest of the stack. */
export type Around = (
  request: HttpRequest,
  exchange: Exchange,
  inner: Service,
) => HttpResponse | Promise<HttpResponse>

/** A layer from a function that does something before and after, or instead. */
export function layer(around: Around): Layer {
  return (inner) => (request, exchange) => around(request, exchange, inner)
}

/** A layer that changes requests, or replaces them. It answers as synchronously as the service and `change` do. */
export function mapRequest(
  change: (request: HttpRequest, exchange: Exchange) => HttpRequest | Promise<HttpRequest>,
): Layer {
  return (inner) => (request, exchange) => {
    const changed = change(request, exchange)
    return changed instanceof Promise
      ? changed.then((next) => inner(next, exchange))
      : inner(changed, exchange)
  }
}

/** A layer that changes responses, or replaces them. It answers as synchronously as the service and `change` do. */
export function mapResponse(
  change: (response: HttpResponse, request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
): Layer {
  return (inner) => (request, exchange) => {
    const response = inner(request, exchange)
    return response instanceof Promise
      ? response.then((settled) => change(settled, request))
      : change(response, request)
  }
}
