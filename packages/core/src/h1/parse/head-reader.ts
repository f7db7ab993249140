import type { TextCodec } from '../../rt/index.ts'
import { DONE, NEED_MORE } from '../fault.ts'
import type { Settings } from '../options.ts'
import { HeadParser, type HeadKind } from './head-parser.ts'

// HeadReader: a head parser with the bytes of a head that came in pieces. A head that is whole in one chunk is parsed
// where it stands; only what is left over at the end of a chunk is copied. Readers are pooled, since a connection needs
// one only while a head is coming in: an idle connection has none.

const FIRST_SIZE = 512
const POOLED = 32
/** A reader that held more than this is not kept. */
const KEEP_SIZE = 16_384

const EMPTY = new Uint8Array(0)
const pool: HeadReader[] = []

export class HeadReader {
  readonly parser: HeadParser
  /** How far the last `feed` has used the input. */
  used: number = 0
  /** Where the complete head stands. */
  bytes: Uint8Array = EMPTY
  base: number = 0
  private buffer: Uint8Array = EMPTY
  private held: number = 0
  private maxSize: number = 0

  private constructor(settings: Settings) {
    this.parser = new HeadParser(settings)
  }

  /** A reader at the start of a head of at most `maxSize` bytes. */
  static take(kind: HeadKind, maxSize: number, settings: Settings): HeadReader {
    const reader = pool.pop() ?? new HeadReader(settings)
    reader.parser.begin(kind, maxSize, settings)
    reader.held = 0
    reader.maxSize = maxSize
    return reader
  }

  /** Gives the reader back; its head must not be read any more. */
  release(): void {
    this.bytes = EMPTY
    if (this.buffer.length > KEEP_SIZE) this.buffer = EMPTY
    if (pool.length < POOLED) pool.push(this)
  }

  /** Goes on with `input` from `start`. @returns DONE, NEED_MORE or a fault; `used` says how far the input is used */
  feed(input: Uint8Array, start: number): number {
    if (this.held > 0) return this.feedHeld(input, start)
    const result = this.parser.parse(input, start, input.length)
    if (result === NEED_MORE) {
      this.hold(input, start, input.length - start)
      this.used = input.length
    } else {
      this.bytes = input
      this.base = start
      this.used = start + this.parser.at
    }
    return result
  }

  private feedHeld(input: Uint8Array, start: number): number {
    const before = this.held
    const room = this.maxSize - before
    const take = input.length - start < room ? input.length - start : room
    this.hold(input, start, take)
    const result = this.parser.parse(this.buffer, 0, this.held)
    this.bytes = this.buffer
    this.base = 0
    this.used = start + (result === DONE ? this.parser.at - before : take)
    return result
  }

  private hold(input: Uint8Array, start: number, length: number): void {
    const need = this.held + length
    if (need > this.buffer.length) {
      const grown = new Uint8Array(Math.max(FIRST_SIZE, need, this.buffer.length * 2))
      grown.set(this.buffer.subarray(0, this.held))
      this.buffer = grown
    }
    this.buffer.set(input.subarray(start, start + length), this.held)
    this.held = need
  }

  /** True when nothing but blank lines has come. */
  get isBlank(): boolean {
    return this.parser.isBlank
  }

  /** The text of the complete head. */
  text(codec: TextCodec): string {
    return codec.latin1(this.bytes, this.base, this.base + this.parser.at)
  }
}
