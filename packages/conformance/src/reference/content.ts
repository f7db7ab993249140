// Contents that the reference server makes: known patterns, so that whoever reads them can tell a lost byte.

import type { Frame } from '@hyper/core/body'

// A multiple of 26, so that the pattern goes on from chunk to chunk.
const BLOCK_SIZE = 65_520
const BLOCK = Uint8Array.from({ length: BLOCK_SIZE }, (_, index) => 0x61 + (index % 26))
const TORN_LENGTH = 1_024
const TORN_AFTER = 50

/** `abc…zabc…` of this length in one piece, or null when it is too long for that. */
export function patternBytes(length: number): Uint8Array | null {
  return length <= BLOCK_SIZE ? BLOCK.subarray(0, length) : null
}

/** `abc…zabc…` of any length, in blocks. */
export async function* byteStream(length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0; left -= BLOCK_SIZE)
    yield left >= BLOCK_SIZE ? BLOCK : BLOCK.subarray(0, left)
}

/** `chunk 1`, `chunk 2`, …, a line each, one chunk each. */
export async function* lineStream(lines: number): AsyncGenerator<string> {
  for (let line = 1; line <= lines; line++) yield `chunk ${line}\n`
}

/** 1 KiB, then a failure: late enough for the first bytes to have left. */
export async function* tornStream(): AsyncGenerator<Uint8Array> {
  yield BLOCK.subarray(0, TORN_LENGTH)
  await new Promise((resolve) => setTimeout(resolve, TORN_AFTER))
  throw new Error('this body always fails')
}

/** Frames of which the first was taken already. */
export async function* framesFrom(first: Frame, rest: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  yield first
  yield* rest
}
