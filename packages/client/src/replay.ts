import type { HttpRequest } from '@hyper/core/http'

// Whether a request can be had again: its body decides. None at all, text, bytes, and what a function makes can be.

/**
 * What makes the same request once more, whatever has become of the body of this one; null when its body cannot be had
 * again.
 */
export function replayOf(request: HttpRequest): (() => HttpRequest) | null {
  const { body } = request
  const again = body.again()
  if (again === null) return null
  if (again === body) return () => request
  return () => request.with({ body: body.again() })
}
