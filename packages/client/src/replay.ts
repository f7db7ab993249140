import { Body, EMPTY_BODY, FullBody, ThroughBody } from '@hyper/core/body'
import type { HttpRequest } from '@hyper/core/http'

// Whether a request can be sent again. In: a request. Out: what makes the same request once more, or null when its body
// is gone with the first attempt. Text, bytes and nothing can be had again, and so can what a function makes.

/** A body that a function makes, anew for every attempt. */
class MadeBody extends ThroughBody {
  readonly make: () => Body

  constructor(make: () => Body) {
    super(make())
    this.make = make
  }
}

/** A body that can be had again, since `make` makes it. `make` is called at once. @throws what `make` throws */
export function replayable(make: () => Body): Body {
  return new MadeBody(make)
}

/** Makes the request again, with a body that nobody has touched; null when the body cannot be had again. */
export function replayOf(request: HttpRequest): (() => HttpRequest) | null {
  const { body } = request
  if (body === EMPTY_BODY) return () => request
  if (body instanceof FullBody)
    return () => request.with({ body: new FullBody(body.chars ?? body.data ?? '') })
  if (body instanceof MadeBody) return () => request.with({ body: replayable(body.make) })
  return null
}
