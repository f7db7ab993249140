import type { HyperError } from '../error/index.ts'

/** What core needs of the platform's `AbortSignal`; any object of this shape will do. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  /** What the exchange fails with. Left out or null: `CANCELED`, with `reason` as its cause. */
  readonly failure?: HyperError | null | undefined
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}
