import type { Body, BodySink, SizeHint } from '@hyper/core/body'
import { Body as BodyClass } from '@hyper/core/body'
import type { HyperError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'

// The asynchronous context of whoever asked. A connection is opened by one request and serves others: what it calls
// would run in the context of the first. So whatever is not a promise, which keeps its context by itself, is called
// through what `Runtime.snapshot` gives.

/** Calls a function in some context. */
export type Run = <R>(fn: () => R) => R

/** What calls in the present context; null on a platform that has none. */
export function contextOf(runtime: Runtime): Run | null {
  return runtime.snapshot?.() ?? null
}

/** A sink that is called in `run`'s context. */
export class BoundSink implements BodySink {
  private readonly sink: BodySink
  private readonly run: Run

  constructor(sink: BodySink, run: Run) {
    this.sink = sink
    this.run = run
  }

  onData(chunk: Uint8Array): void {
    this.run(() => this.sink.onData(chunk))
  }

  onTrailers(trailers: HeaderMap): void {
    this.run(() => this.sink.onTrailers(trailers))
  }

  onEnd(): void {
    this.run(() => this.sink.onEnd())
  }

  onError(error: HyperError): void {
    this.run(() => this.sink.onError(error))
  }
}

/** A request body whose source is asked in `run`'s context, whoever has room for more. */
export class BoundBody extends BodyClass {
  private readonly body: Body
  private readonly run: Run

  constructor(body: Body, run: Run) {
    super()
    this.body = body
    this.run = run
  }

  get sizeHint(): SizeHint {
    return this.run(() => this.body.sizeHint)
  }

  get isEnd(): boolean {
    return this.run(() => this.body.isEnd)
  }

  override get mayHaveTrailers(): boolean {
    return this.body.mayHaveTrailers
  }

  override get used(): boolean {
    return this.body.used
  }

  override get trailers(): Promise<HeaderMap | null> {
    return this.body.trailers
  }

  override again(): Body | null {
    const again = this.run(() => this.body.again())
    return again === null ? null : new BoundBody(again, this.run)
  }

  start(sink: BodySink): void {
    this.run(() => this.body.start(sink))
  }

  pause(): void {
    this.body.pause()
  }

  resume(): void {
    this.run(() => this.body.resume())
  }

  cancel(reason?: unknown): void {
    this.run(() => this.body.cancel(reason))
  }
}
