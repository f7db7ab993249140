// ByteWriter: a growing run of bytes that encoders write into. In: numbers in network byte order, bytes, Latin-1 text.
// Out: `bytes[0, length)`. It never hands out memory that it goes on writing to unless the caller asks for `view`.

const FIRST_SIZE = 256

const EMPTY = new Uint8Array(0)

/** Grows by doubling; `bytes` is replaced when it does. */
export class ByteWriter {
  bytes: Uint8Array
  /** How many bytes are written. */
  length: number

  /** @param size bytes of room from the start, default 0: nothing is allocated before the first write */
  constructor(size: number = 0) {
    this.bytes = size === 0 ? EMPTY : new Uint8Array(size)
    this.length = 0
  }

  /** Makes room for `count` more bytes. */
  ensure(count: number): void {
    if (this.length + count > this.bytes.length) this.grow(count)
  }

  u8(value: number): void {
    if (this.length === this.bytes.length) this.grow(1)
    this.bytes[this.length++] = value
  }

  u16(value: number): void {
    this.ensure(2)
    const { bytes, length } = this
    bytes[length] = value >>> 8
    bytes[length + 1] = value
    this.length = length + 2
  }

  u32(value: number): void {
    this.ensure(4)
    const { bytes, length } = this
    bytes[length] = value >>> 24
    bytes[length + 1] = value >>> 16
    bytes[length + 2] = value >>> 8
    bytes[length + 3] = value
    this.length = length + 4
  }

  /** Copies `source[start, end)`. */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    this.ensure(count)
    const { bytes, length } = this
    // A call into the platform costs more than a few bytes moved by hand.
    if (count <= 16) for (let i = 0; i < count; i++) bytes[length + i] = source[start + i]!
    else bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), length)
    this.length = length + count
  }

  /** One byte per character; the caller guarantees that all are below U+0100. */
  latin1(text: string): void {
    const count = text.length
    this.ensure(count)
    const { bytes, length } = this
    for (let i = 0; i < count; i++) bytes[length + i] = text.charCodeAt(i)
    this.length = length + count
  }

  zeros(count: number): void {
    this.ensure(count)
    this.bytes.fill(0, this.length, this.length + count)
    this.length += count
  }

  /** What is written, without a copy: valid until the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  /** Forgets what is written and keeps the room. */
  reset(): void {
    this.length = 0
  }

  /** Hands over what is written; the writer begins anew without memory. */
  take(): Uint8Array {
    const taken = this.view()
    this.bytes = EMPTY
    this.length = 0
    return taken
  }

  private grow(count: number): void {
    const grown = new Uint8Array(Math.max(FIRST_SIZE, this.length + count, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
