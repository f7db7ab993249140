import type { Body, BodySink } from '../../src/body/index.ts'
import type { HyperError } from '../../src/error/index.ts'
import type { HeaderMap } from '../../src/http/index.ts'

/** A sink that writes down what it hears; `onChunk` may act in the middle of it. */
export class Record implements BodySink {
  readonly log: string[] = []
  error: HyperError | null = null
  onChunk: ((text: string) => void) | null = null
  private depth = 0

  onData(chunk: Uint8Array): void {
    if (chunk.length === 0) throw new Error('an empty chunk')
    if (this.depth > 0) throw new Error('overlapping calls')
    this.depth++
    const text = Buffer.from(chunk).toString('latin1')
    this.log.push(text)
    this.onChunk?.(text)
    this.depth--
  }

  onTrailers(trailers: HeaderMap): void {
    this.log.push(`trailers ${[...trailers].map(([name, value]) => `${name}=${value}`).join('&')}`)
    this.onChunk?.('trailers')
  }

  onEnd(): void {
    this.log.push('end')
  }

  onError(error: HyperError): void {
    this.error = error
    this.log.push(`error ${error.code}`)
  }
}

export function record(body: Body, onChunk: ((text: string) => void) | null = null): Record {
  const sink = new Record()
  sink.onChunk = onChunk
  body.start(sink)
  return sink
}

export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

/** Lets everything that waits in microtasks and immediates happen. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The error that `promise` rejects with. */
export async function failure(promise: Promise<unknown>): Promise<HyperError> {
  try {
    await promise
  } catch (error) {
    return error as HyperError
  }
  throw new Error('did not fail')
}
