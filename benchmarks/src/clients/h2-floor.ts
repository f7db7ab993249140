// The HTTP/2 client floor: the bare connection of the load, canned heads, frames taken apart and not decoded.
import { H2Link } from '../load/h2-link.ts'
import { connections, fail, HELLO, meter, port } from './common.ts'

const begun = new Map<number, number>()
let due = connections
let answers = 0

const link = new H2Link(port, { onReady: ask, onEnd, onFail: fail })
meter.run()

// What one chunk has answered is asked anew in one write.
function onEnd(id: number): void {
  meter.answered(begun.get(id) ?? 0)
  begun.delete(id)
  answers += 1
  due += 1
  if (due === 1) queueMicrotask(ask)
}

function ask(): void {
  if (link.received !== answers * HELLO.length) fail('another answer')
  const now = performance.now()
  let id = link.getMany(due)
  for (; due > 0; due -= 1, id += 2) begun.set(id, now)
}
