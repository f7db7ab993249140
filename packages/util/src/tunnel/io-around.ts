import type { Io, IoSink, PeerInfo, WriteResult } from '@hyper/core/rt'

// IoAround, SinkAround: a stream around a stream, and a sink around a sink. In: one. Out: the same to whoever calls it, for a
// class that changes one call, or listens in. Neither holds anything back, or anything up.

/**
 * Passes every call on.
 * @internal
 */
export class IoAround implements Io {
  protected readonly io: Io

  constructor(io: Io) {
    this.io = io
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  start(sink: IoSink): void {
    this.io.start(sink)
  }

  pause(): void {
    this.io.pause()
  }

  resume(): void {
    this.io.resume()
  }

  write(data: Uint8Array | string, more?: boolean): WriteResult {
    return this.io.write(data, more)
  }

  end(): void {
    this.io.end()
  }

  close(): void {
    this.io.close()
  }

  abort(): void {
    this.io.abort()
  }

  ref(): void {
    this.io.ref()
  }

  unref(): void {
    this.io.unref()
  }
}

/**
 * Passes every event on. A stream tells a new sink what has become of it, so that each owner needs one of these of its own.
 * @internal
 */
export class SinkAround implements IoSink {
  readonly sink: IoSink

  constructor(sink: IoSink) {
    this.sink = sink
  }

  onData(chunk: Uint8Array): boolean {
    return this.sink.onData(chunk)
  }

  onEnd(): void {
    this.sink.onEnd()
  }

  onDrain(): void {
    this.sink.onDrain()
  }

  onWriteError(error: Error, lost?: number): void {
    this.sink.onWriteError(error, lost)
  }

  onClose(error: Error | null): void {
    this.sink.onClose(error)
  }
}
