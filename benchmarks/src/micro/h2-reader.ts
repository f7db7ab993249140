// The frame reader, from the core's own files: 64 small HEADERS in one chunk of 64 frames; 1 MiB of DATA in frames of 16 KiB, read
// in pieces of 64 KiB. Per operation all of it.
import { FRAME, FrameReader } from '../../../packages/core/src/h2/frame/index.ts'
import { DATA, END_HEADERS, END_STREAM, frame, FRAME_SIZE, HEADERS } from '../load/h2-frames.ts'
import type { Work } from './measure.ts'

const READ = 65_536
const heads = Buffer.concat(
  Array.from({ length: 64 }, (_, index) =>
    frame(HEADERS, END_HEADERS | END_STREAM, index * 2 + 1, Buffer.of(0x82, 0x86, 0x84, 0xbe)),
  ),
)
const bodies = Buffer.concat(Array.from({ length: 64 }, () => frame(DATA, 0, 1, Buffer.alloc(FRAME_SIZE))))

export const cases: Readonly<Record<string, () => Work>> = {
  'heads-64': () => feed(heads, 64 * 4),
  'data-1-mib': () => feed(bodies, 64 * FRAME_SIZE),
}

function feed(bytes: Uint8Array, expected: number): Work {
  const reader = new FrameReader()
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += READ) pieces.push(bytes.subarray(at, at + READ))
  return (times) => {
    for (let time = 0; time < times; time += 1) {
      let seen = 0
      for (const piece of pieces) {
        reader.receive(piece)
        while (reader.next() === FRAME) seen += reader.frame.end - reader.frame.start
      }
      if (seen !== expected) throw new Error(`${seen} bytes instead of ${expected}`)
    }
  }
}
