// PullBody: a body whose source is pulled, one `next` at a time and never while paused. Whatever the source does wrong
// becomes one HyperError; whoever gives the body up makes the source's `return` run.

import { type HyperError, userError } from '../error/index.ts'
import { isThenable } from './check.ts'
import { FlowBody } from './flow.ts'
import { hintOf, knownLength } from './size-hint.ts'
import type { SizeHint } from './sink.ts'

/** Anything that `for await` takes. */
export type Pullable<T> = AsyncIterable<T> | Iterable<T>

type Step<T> = IteratorResult<T, unknown>
type Puller<T> = AsyncIterator<T, unknown> | Iterator<T, unknown>

/** What is known of a source that is pulled. */
export interface PullOptions {
  /** The exact number of bytes that will come, where it is known. Default: not known. */
  readonly length?: number | undefined
}

export abstract class PullBody<T> extends FlowBody {
  private readonly source: Pullable<T>
  /** Bytes that are still to come from the source; -1 when that is not known. */
  private left: number
  private iterator: Puller<T> | null
  /** A `next` is under way, or its result is being delivered. */
  private isPulling: boolean
  private readonly onStep: (step: Step<T>) => void
  private readonly onFailure: (error: unknown) => void

  /** @throws HyperError `INVALID_OPTION` for a length that is no number of bytes. */
  constructor(source: Pullable<T>, options: PullOptions = {}) {
    super()
    this.source = source
    this.left = knownLength(options.length)
    this.iterator = null
    this.isPulling = false
    // One pair of functions per body, however many chunks it has.
    this.onStep = (step) => {
      this.handleStep(step)
      this.isPulling = false
      this.pull()
    }
    this.onFailure = (error) => this.fail(sourceFailed(error))
  }

  get sizeHint(): SizeHint {
    return hintOf(this.toCome(this.left), this.heldBytes)
  }

  /** Delivers one item. Calls `reject` for what is none. */
  protected abstract accept(item: unknown): void

  /** The source is at its end. */
  protected abstract ended(): void

  protected moved(): void {
    this.pull()
  }

  protected dropped(): void {
    this.release()
  }

  protected override deliver(chunk: Uint8Array): void {
    if (this.left > 0) this.left = Math.max(this.left - chunk.length, 0)
    super.deliver(chunk)
  }

  /** The source gave something that cannot be sent. */
  protected reject(what: string): void {
    this.fail(userError('INVALID_BODY', what))
    this.release()
  }

  private pull(): void {
    if (this.isPulling) return
    this.isPulling = true
    while (this.isOpen && this.isFlowing) {
      let step: Step<T> | PromiseLike<Step<T>>
      try {
        this.iterator ??= iteratorOf(this.source)
        step = this.iterator.next()
      } catch (error) {
        this.fail(sourceFailed(error))
        break
      }
      if (isThenable(step)) {
        step.then(this.onStep, this.onFailure)
        return
      }
      this.handleStep(step)
    }
    this.isPulling = false
  }

  private handleStep(step: Step<T>): void {
    if (!this.isOpen) return
    if (typeof step !== 'object' || step === null) this.reject('the iterator of the given body is broken')
    else if (step.done === true) this.ended()
    else this.accept(step.value)
  }

  /** Lets the source clean up, begun or not; what that throws is nobody's concern any more. */
  private release(): void {
    try {
      if (destroy(this.source)) return
      const iterator = this.iterator ?? iteratorOf(this.source)
      const result: unknown = iterator.return?.()
      if (isThenable(result)) result.then(ignore, ignore)
    } catch {
      // The body is over already.
    }
  }
}

/**
 * Gives up a stream of Node. Its iterator would not do: before its first step it has nothing to give back, and the file
 * behind the stream stayed open; after it, it waits for the data that is to come.
 */
function destroy(source: object): boolean {
  if (!('destroy' in source) || typeof source.destroy !== 'function') return false
  // A file that cannot be opened says so later, to nobody.
  if ('on' in source && typeof source.on === 'function') source.on('error', ignore)
  source.destroy()
  return true
}

/** The error of a body whose source threw `cause`. */
export function sourceFailed(cause: unknown): HyperError {
  const why = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''
  return userError('BODY_FAILED', `the given body failed${why}`, cause)
}

function iteratorOf<T>(source: Pullable<T>): Puller<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}

function ignore(): void {}
