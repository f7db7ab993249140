// Runs of bytes of a known length, in any cuts: what binary handshakes are read with.

/** Gathers exactly the bytes that were asked for, and not one more. */
export class ByteReader {
  /** What has come; as long as what was asked for once `take` says so. */
  readonly bytes: Uint8Array
  private wanted: number
  private length: number

  /** @param most the longest run that is ever asked for */
  constructor(most: number) {
    this.bytes = new Uint8Array(most)
    this.wanted = 0
    this.length = 0
  }

  /** The next run has so many bytes. */
  want(count: number): void {
    this.wanted = count
    this.length = 0
  }

  /** The present run is so many bytes longer. */
  wantMore(count: number): void {
    this.wanted += count
  }

  get isComplete(): boolean {
    return this.length === this.wanted
  }

  /** Takes what it lacks from `chunk`, from `start` on. @returns where the rest begins */
  take(chunk: Uint8Array, start: number): number {
    const count = Math.min(this.wanted - this.length, chunk.length - start)
    this.bytes.set(chunk.subarray(start, start + count), this.length)
    this.length += count
    return start + count
  }
}
