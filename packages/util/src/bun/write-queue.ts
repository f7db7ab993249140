import type { BunSocket } from './bun-api.ts'

// WriteQueue: what is to be written, in order. In: bytes and Latin-1 text. Out: writes of as much as the socket takes. Parts
// that wait together leave in one write, which costs a copy and saves a system call and a packet.

/** From here on the writer should wait. */
const HIGH_WATER = 64 * 1024
/** Parts beyond this are worth a write of their own more than a copy. */
const MOST_JOINED = 16 * 1024

export class WriteQueue {
  private first: Uint8Array | string | null
  /** What comes behind `first`. */
  private readonly rest: (Uint8Array | string)[]
  private bytes: number

  constructor() {
    this.first = null
    this.rest = []
    this.bytes = 0
  }

  /** In bytes. */
  get length(): number {
    return this.bytes
  }

  get isEmpty(): boolean {
    return this.first === null
  }

  get isPlenty(): boolean {
    return this.bytes >= HIGH_WATER
  }

  add(data: Uint8Array | string): void {
    if (data.length === 0) return
    this.bytes += data.length
    if (this.first === null) this.first = data
    // Text is joined at once: an engine's rope costs next to nothing.
    else if (this.rest.length > 0) this.rest.push(data)
    else if (typeof data === 'string' && typeof this.first === 'string') this.first += data
    else this.rest.push(data)
  }

  /** @returns false when the socket cannot be written any more */
  flush(socket: Pick<BunSocket<unknown>, 'write'>): boolean {
    while (this.first !== null) {
      if (this.rest.length > 0) this.join()
      const { first } = this
      const taken = typeof first === 'string' ? socket.write(first, 'latin1') : socket.write(first)
      if (taken < 0) return false
      this.bytes -= taken
      if (taken < first.length) {
        // The next write begins with the same bytes and has as many at least, as TLS wants it.
        if (taken > 0) this.first = typeof first === 'string' ? first.slice(taken) : first.subarray(taken)
        return true
      }
      this.first = this.rest.shift() ?? null
    }
    return true
  }

  clear(): void {
    this.first = null
    this.rest.length = 0
    this.bytes = 0
  }

  /** The first parts into one, as long as it stays small. */
  private join(): void {
    let length = this.first?.length ?? 0
    let parts = 0
    while (parts < this.rest.length && length + (this.rest[parts]?.length ?? 0) <= MOST_JOINED)
      length += this.rest[parts++]?.length ?? 0
    if (parts === 0) return
    const joined = Buffer.allocUnsafe(length)
    let at = put(joined, this.first ?? '', 0)
    for (const part of this.rest.splice(0, parts)) at = put(joined, part, at)
    this.first = joined
  }
}

function put(into: Buffer, part: Uint8Array | string, at: number): number {
  if (typeof part === 'string') into.write(part, at, 'latin1')
  else into.set(part, at)
  return at + part.length
}
