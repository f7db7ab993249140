import { MockIo, VirtualRuntime } from '@hyper/testkit'
import type { HyperError } from '../../src/error/index.ts'
import {
  serveConnection,
  type ConnectionEnd,
  type ServeOptions,
  type ServerConnection,
} from '../../src/h1/index.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Service } from '../../src/service/service.ts'

// A server connection over a MockIo, in virtual time, and what became of it.

export interface Connected {
  readonly io: MockIo
  readonly runtime: VirtualRuntime
  readonly connection: ServerConnection
  /** Set once the connection has ended. */
  end: ConnectionEnd | null
  /** The code it ended with; '' for a clean end, null while it is open. */
  readonly code: string | null
  /** Waits until nothing is left to do now, and takes what was written. */
  written(): Promise<string>
  /** Lets time pass, then as `written`. */
  after(ms: number): Promise<string>
  /** Feeds, then as `written`. */
  ask(wire: string): Promise<string>
}

const ok: Service = () => new HttpResponse('ok')

/** Serves; no `date` unless asked for. */
export function connected(service: Service = ok, options: Omit<ServeOptions, 'runtime'> = {}): Connected {
  const io = new MockIo()
  const runtime = new VirtualRuntime()
  const connection = serveConnection(io, service, { autoDateHeader: false, ...options, runtime })
  const it: Connected = {
    io,
    runtime,
    connection,
    end: null,
    get code(): string | null {
      return it.end === null ? null : (it.end.error?.code ?? '')
    },
    async written() {
      await runtime.settle()
      return io.take()
    },
    after(ms) {
      runtime.advance(ms)
      return it.written()
    },
    ask(wire) {
      io.feed(wire)
      return it.written()
    },
  }
  void connection.closed.then((end) => (it.end = end))
  return it
}

/** A promise that the test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** A service that waits for the test, and remembers what was cancelled. */
export function slowService(): {
  service: Service
  answer: (response?: HttpResponse) => void
  readonly cancelled: HyperError[]
  calls: number
} {
  const waiting: Deferred<HttpResponse>[] = []
  const cancelled: HyperError[] = []
  const slow = {
    calls: 0,
    cancelled,
    service: (_request: unknown, exchange: Parameters<Service>[1]): Promise<HttpResponse> => {
      slow.calls++
      exchange.onCancel((reason) => cancelled.push(reason))
      const answer = deferred<HttpResponse>()
      waiting.push(answer)
      return answer.promise
    },
    answer: (response: HttpResponse = new HttpResponse('ok')): void => waiting.shift()!.resolve(response),
  }
  return slow
}
