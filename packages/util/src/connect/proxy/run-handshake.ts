import type { Io, IoSink, Runtime } from '@hyper/core/rt'
import { Deferred } from '../deferred.ts'
import { canceled } from '../failure.ts'
import { faultOf, type HandshakeFault, type ProxyHandshake } from './handshake.ts'
import { leftoverIo } from './leftover-io.ts'

// Runs a conversation with a proxy over a stream. In: both. Out: the stream, paused behind the proxy's last word; or the
// fault, and the stream is torn down.

/** What came of a conversation: a stream, or why there is none. */
export type HandshakeResult =
  | { readonly io: Io; readonly fault: null }
  | { readonly io: null; readonly fault: HandshakeFault }

/** Rejects with `CANCELED` when the signal fires; the stream is torn down then. */
export function runHandshake(
  io: Io,
  handshake: ProxyHandshake,
  signal: AbortSignal,
  runtime: Pick<Runtime, 'defer'>,
  address: string,
): Promise<HandshakeResult> {
  return new HandshakeRun(io, handshake, signal, runtime, address).run()
}

class HandshakeRun implements IoSink {
  private readonly io: Io
  private readonly handshake: ProxyHandshake
  private readonly signal: AbortSignal
  private readonly runtime: Pick<Runtime, 'defer'>
  private readonly result: Deferred<HandshakeResult>
  private readonly onAbort: () => void
  private isOver: boolean

  constructor(
    io: Io,
    handshake: ProxyHandshake,
    signal: AbortSignal,
    runtime: Pick<Runtime, 'defer'>,
    address: string,
  ) {
    this.io = io
    this.handshake = handshake
    this.signal = signal
    this.runtime = runtime
    this.result = new Deferred()
    this.onAbort = () => {
      this.settle()
      this.io.abort()
      this.result.reject(canceled(signal, 'connect', address))
    }
    this.isOver = false
  }

  run(): Promise<HandshakeResult> {
    if (this.signal.aborted) this.onAbort()
    else if (this.handshake.fault !== null) this.failed(this.handshake.fault)
    else {
      this.signal.addEventListener('abort', this.onAbort)
      this.io.start(this)
      this.write()
    }
    return this.result.promise
  }

  onData(chunk: Uint8Array): boolean {
    if (this.isOver) return false
    const used = this.handshake.receive(chunk)
    this.write()
    if (this.handshake.fault !== null) this.failed(this.handshake.fault)
    else if (this.handshake.isDone) this.done(chunk.subarray(used))
    // What is left was copied.
    return false
  }

  onEnd(): void {
    if (this.isOver) return
    this.handshake.handleEnd()
    if (this.handshake.fault !== null) this.failed(this.handshake.fault)
  }

  onDrain(): void {}

  /** What the proxy has to say may still come. */
  onWriteError(): void {}

  onClose(error: Error | null): void {
    if (this.isOver) return
    if (error !== null) this.failed(faultOf(`the connection was lost: ${error.message}`, 0, error))
    else this.onEnd()
  }

  private write(): void {
    const output = this.handshake.takeOutput()
    if (output.length > 0) this.io.write(output)
  }

  private done(leftover: Uint8Array): void {
    this.settle()
    this.io.pause()
    const io = leftover.length === 0 ? this.io : leftoverIo(this.io, leftover.slice(), this.runtime)
    this.result.resolve({ io, fault: null })
  }

  private failed(fault: HandshakeFault): void {
    this.settle()
    this.io.abort()
    this.result.resolve({ io: null, fault })
  }

  private settle(): void {
    this.isOver = true
    this.signal.removeEventListener('abort', this.onAbort)
  }
}
