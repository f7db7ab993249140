// A raw echo over a connection that has left HTTP: what comes goes back, and the end is answered with an end.
import { FULL, TAKEN, type Io, type IoSink } from '@hyper/core/rt'
import type { IoParts } from '@hyper/core/service'

/** Takes the connection over until either side ends it. */
export function echoConnection({ io, leftover }: IoParts): void {
  const sink = new EchoSink(io)
  io.start(sink)
  if (leftover.length > 0) sink.onData(leftover)
}

class EchoSink implements IoSink {
  private readonly io: Io

  constructor(io: Io) {
    this.io = io
  }

  onData(chunk: Uint8Array): boolean {
    const result = this.io.write(chunk)
    if (result === FULL) this.io.pause()
    return result !== TAKEN
  }

  onEnd(): void {
    this.io.end()
  }

  onDrain(): void {
    this.io.resume()
  }

  onWriteError(): void {
    this.io.abort()
  }

  onClose(): void {}
}
