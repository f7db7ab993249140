import { toDispatcher } from '@hyper/client/undici'

// As `types.ts`, for the fetch of Node; the types of a browser know no dispatcher.

export function ofFetch(): NonNullable<RequestInit['dispatcher']> {
  return toDispatcher()
}
