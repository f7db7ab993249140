import type { TextCodec } from '@hyper/core/rt'

// Buffers in which small writes are gathered until they are sent. In: text and bytes. Out: one run of bytes. They are used again,
// since allocating one costs several microseconds where a whole exchange costs ten.

const SIZE = 16_384
/** 4 MiB at most are kept for later. */
const MOST_KEPT = 256
const kept: Gathered[] = []
const encoder = new TextEncoder()

/** One buffer that is being filled. */
export class Gathered {
  length: number
  private readonly memory: Uint8Array

  constructor() {
    this.length = 0
    this.memory = new Uint8Array(SIZE)
  }

  get bytes(): Uint8Array {
    return this.memory.subarray(0, this.length)
  }

  hasRoom(length: number): boolean {
    return this.length + length <= SIZE
  }

  /** Room for it is there. */
  add(data: Uint8Array | string, text: Pick<TextCodec, 'encodeLatin1'>): void {
    if (typeof data !== 'string') this.memory.set(data, this.length)
    else if (!this.addAscii(data)) this.memory.set(text.encodeLatin1(data), this.length)
    this.length += data.length
  }

  /** Nearly all text is ASCII, where UTF-8 is the same, and platforms are fast. What was written in vain is overwritten. */
  private addAscii(text: string): boolean {
    const { length } = text
    const { read, written } = encoder.encodeInto(text, this.memory.subarray(this.length))
    return read === length && written === length
  }
}

export function takeBuffer(): Gathered {
  return kept.pop() ?? new Gathered()
}

/** Nobody may use it from then on. */
export function giveBuffer(buffer: Gathered): void {
  buffer.length = 0
  if (kept.length < MOST_KEPT) kept.push(buffer)
}
