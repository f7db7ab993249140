import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { writeFrameHead } from './head.ts'
import { FRAME_HEAD_SIZE, CONTINUATION, END_HEADERS } from './kind.ts'

// CONTINUATION (RFC 9113 §6.10). Its payload is a field block fragment and nothing else: there is nothing to parse.

/**
 * Cuts a field block that stands at the end of `out`, behind the head at `at`, into pieces of `maxFrameSize`, and puts
 * a CONTINUATION head in front of each but the first. The head at `at` is left to the caller.
 */
export function splitBlock(out: ByteWriter, at: number, stream: number, maxFrameSize: number): void {
  const first = at + FRAME_HEAD_SIZE
  const end = out.length
  const last = Math.ceil((end - first) / maxFrameSize) - 1
  out.ensure(last * FRAME_HEAD_SIZE)
  const { bytes } = out
  // From the back, so that every octet moves once.
  for (let i = last; i > 0; i--) {
    const from = first + i * maxFrameSize
    const length = Math.min(maxFrameSize, end - from)
    const to = from + i * FRAME_HEAD_SIZE
    bytes.copyWithin(to, from, from + length)
    writeFrameHead(out, to - FRAME_HEAD_SIZE, length, CONTINUATION, i === last ? END_HEADERS : 0, stream)
  }
  out.length = end + last * FRAME_HEAD_SIZE
}
