// Frames: 64 KiB of small requests (HEADERS of 12 octets) and of DATA in frames of 16 KiB, in one chunk; and the requests byte by
// byte. Runs on the sources, as `hpack.ts` does.
import { ByteWriter } from '../../../packages/core/src/bytes/byte-writer.ts'
import {
  beginHeaders,
  endHeaders,
  FRAME,
  FrameReader,
  NEED_MORE,
  writeData,
} from '../../../packages/core/src/h2/frame/index.ts'
import type { Work } from './measure.ts'

const SIZE = 65_536

export const cases: Readonly<Record<string, () => Work>> = {
  '3120 headers': () => whole(headers()),
  '4 data': () => whole(data()),
  '3120 headers bytewise': () => {
    const bytes = headers()
    const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    const reader = new FrameReader()
    return (times) => {
      for (let time = 0; time < times; time += 1) for (const piece of pieces) read(reader, piece)
    }
  },
}

function whole(bytes: Uint8Array): Work {
  const reader = new FrameReader()
  return (times) => {
    for (let time = 0; time < times; time += 1) if (read(reader, bytes) === 0) throw new Error('no frame')
  }
}

function read(reader: FrameReader, bytes: Uint8Array): number {
  let frames = 0
  reader.receive(bytes)
  for (;;) {
    const result = reader.next()
    if (result === NEED_MORE) return frames
    if (result !== FRAME) throw new Error(`fault ${result}`)
    frames += 1
  }
}

function headers(): Uint8Array {
  const out = new ByteWriter(SIZE)
  for (let stream = 1; out.length + 21 <= SIZE; stream += 2) {
    const at = beginHeaders(out)
    out.zeros(12)
    endHeaders(out, at, stream, true, 16_384)
  }
  return out.take()
}

function data(): Uint8Array {
  const out = new ByteWriter(SIZE)
  const body = new Uint8Array(SIZE / 4 - 9)
  for (let i = 0; i < 4; i += 1) writeData(out, 1, body, 0, body.length, false)
  return out.take()
}
