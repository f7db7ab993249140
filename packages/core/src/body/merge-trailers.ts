import type { HeaderMap } from '../http/header-map.ts'

/** All fields of `first`, then all of `second`; neither is changed. Equal names stay apart, as field lines do. */
export function mergeTrailers(first: HeaderMap | null, second: HeaderMap | null): HeaderMap | null {
  if (first === null) return second
  if (second === null) return first
  const merged = first.clone()
  for (let i = 0; i < second.size; i++) {
    merged.append(second.caseAt(i), second.valueAt(i), {
      sensitive: second.isSensitive(i),
      originalCase: second.hasCases,
    })
  }
  return merged
}
