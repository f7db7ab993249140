// One head of 15, 30 and 60 KiB, in one chunk and byte by byte: the time per byte must not grow with the size.
import type { Work } from './measure.ts'
import { largeRequest } from './messages.ts'
import { ServerSide } from './server-side.ts'
import { BASE_SIZE } from './sizes.ts'

export const cases: Readonly<Record<string, () => Work>> = {
  'whole 1x': () => whole(sized(1)),
  'whole 2x': () => whole(sized(2)),
  'whole 4x': () => whole(sized(4)),
  'bytewise 1x': () => bytewise(sized(1)),
  'bytewise 2x': () => bytewise(sized(2)),
  'bytewise 4x': () => bytewise(sized(4)),
}

// As many fields more as bytes more: both are what an attacker can choose.
function sized(factor: number): Uint8Array {
  return largeRequest(24 * factor, BASE_SIZE * factor)
}

function whole(bytes: Uint8Array): Work {
  const side = new ServerSide()
  return (times) => {
    for (let time = 0; time < times; time += 1) {
      side.receive(bytes)
      side.machine.output.clear()
    }
  }
}

function bytewise(bytes: Uint8Array): Work {
  const side = new ServerSide()
  const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
  return (times) => {
    for (let time = 0; time < times; time += 1) {
      for (const piece of pieces) side.receive(piece)
      side.machine.output.clear()
    }
  }
}
