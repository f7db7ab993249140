import { isBytes, nameOf } from './check.ts'
import { PullBody } from './pull.ts'

// IterableBody: a body from anything that yields bytes or text, pulled as fast as it is sent.

/**
 * A body from anything that `for await` takes: generators, streams of the platform, arrays. Strings become UTF-8, empty
 * items are skipped. It is pulled only as fast as it is taken. A source that throws fails the body with `BODY_FAILED`
 * and the thrown value as `cause`; an item that is neither bytes nor text with `INVALID_BODY`.
 */
export class IterableBody extends PullBody<Uint8Array | string> {
  protected accept(item: unknown): void {
    if (typeof item === 'string') this.deliver(this.encode(item))
    else if (isBytes(item)) this.deliver(item)
    else this.reject(`the given body yielded ${nameOf(item)}, which is neither a Uint8Array nor a string`)
  }

  protected ended(): void {
    this.finish(null)
  }
}
