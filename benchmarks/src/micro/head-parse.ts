// One request head in one chunk: a browser's (12 fields) and a small one. Ours includes the answer, which the next head waits for.
import { LlhttpSide } from './llhttp.ts'
import type { Work } from './measure.ts'
import { BROWSER_REQUEST, SMALL_REQUEST } from './messages.ts'
import { ServerSide } from './server-side.ts'

export const cases: Readonly<Record<string, () => Work>> = {
  'browser ours': () => ours(BROWSER_REQUEST),
  'browser llhttp': () => native(BROWSER_REQUEST),
  'small ours': () => ours(SMALL_REQUEST),
  'small llhttp': () => native(SMALL_REQUEST),
}

function ours(bytes: Uint8Array): Work {
  const side = new ServerSide()
  return (times) => {
    for (let time = 0; time < times; time += 1) {
      side.receive(bytes)
      side.machine.output.clear()
    }
  }
}

function native(bytes: Uint8Array): Work {
  const side = new LlhttpSide()
  return (times) => {
    for (let time = 0; time < times; time += 1) side.receive(bytes)
  }
}
