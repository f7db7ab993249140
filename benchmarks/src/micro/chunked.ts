// A chunked body of 1 MiB in chunks of 1 KiB, read in pieces of 64 KiB.
import { LlhttpSide } from './llhttp.ts'
import type { Work } from './measure.ts'
import { chunkedRequest } from './messages.ts'
import { ServerSide } from './server-side.ts'

const SIZE = 1024 * 1024
const READ = 65_536

export const cases: Readonly<Record<string, () => Work>> = {
  ours: () => {
    const side = new ServerSide()
    return feed(side, () => side.machine.output.clear())
  },
  llhttp: () => feed(new LlhttpSide(), () => undefined),
}

function feed(side: { received: number; receive(bytes: Uint8Array): void }, after: () => void): Work {
  const request = chunkedRequest(SIZE, 1024)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < request.length; at += READ) pieces.push(request.subarray(at, at + READ))
  return (times) => {
    side.received = 0
    for (let time = 0; time < times; time += 1) {
      for (const piece of pieces) side.receive(piece)
      after()
    }
    if (side.received !== times * SIZE) throw new Error(`${side.received} bytes came`)
  }
}
