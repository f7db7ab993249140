import type { IoSink } from '@hyper/core/rt'

/** Writes down what it is told, and every breach of the contract that it sees. */
export class RecordingSink implements IoSink {
  /** `data`, `end`, `drain`, `writeError`, `close`; a run of data is one entry. */
  readonly log: string[]
  readonly faults: string[]
  /** Resolves at `onClose`. */
  readonly closed: Promise<void>
  keeps: boolean
  chunks: number
  error: Error | null
  writeError: Error | null
  onChunk: ((chunk: Uint8Array) => void) | null
  atEnd: (() => void) | null
  private readonly parts: Uint8Array[]
  private readonly waiting: { ready: () => boolean; resolve: () => void }[]
  private busy: boolean
  private isClosed: boolean
  private resolveClosed: () => void

  constructor() {
    this.log = []
    this.faults = []
    this.keeps = true
    this.chunks = 0
    this.error = null
    this.writeError = null
    this.onChunk = null
    this.atEnd = null
    this.parts = []
    this.waiting = []
    this.busy = false
    this.isClosed = false
    this.resolveClosed = () => {}
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve
    })
  }

  get bytes(): Uint8Array {
    const joined = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of this.parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }

  /** Bytes received so far. */
  get length(): number {
    return this.parts.reduce((sum, part) => sum + part.length, 0)
  }

  get text(): string {
    return latin1(this.bytes)
  }

  has(entry: string): boolean {
    return this.log.includes(entry)
  }

  count(entry: string): number {
    return this.log.filter((logged) => logged === entry).length
  }

  /** Resolves as soon as `ready` holds after a call. */
  until(ready: () => boolean): Promise<void> {
    if (ready()) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push({ ready, resolve }))
  }

  onData(chunk: Uint8Array): boolean {
    this.call('data', () => {
      if (chunk.length === 0) this.faults.push('an empty chunk')
      if (this.has('end')) this.faults.push('data after the end')
      this.chunks++
      this.parts.push(chunk.slice())
      this.onChunk?.(chunk)
    })
    return this.keeps
  }

  onEnd(): void {
    this.call('end', () => {
      if (this.log.filter((entry) => entry === 'end').length > 1) this.faults.push('a second end')
      this.atEnd?.()
    })
  }

  onDrain(): void {
    this.call('drain', () => {})
  }

  onWriteError(error: Error): void {
    this.writeError = error
    this.call('writeError', () => {})
  }

  onClose(error: Error | null): void {
    this.error = error
    this.call('close', () => {})
    this.isClosed = true
    this.resolveClosed()
  }

  private call(entry: string, body: () => void): void {
    if (this.busy) this.faults.push(`${entry} inside another call`)
    if (this.isClosed) this.faults.push(`${entry} after close`)
    if (entry !== 'data' || this.log.at(-1) !== 'data') this.log.push(entry)
    this.busy = true
    body()
    this.busy = false
    for (const waiter of this.waiting.slice()) {
      if (!waiter.ready()) continue
      this.waiting.splice(this.waiting.indexOf(waiter), 1)
      waiter.resolve()
    }
  }
}

/** Lets the event loop turn `count` times, so that what is ready happens. No wall time is involved. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
