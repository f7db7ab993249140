// Tests without ports and without waiting: a pair in memory, and a clock that the test turns.
// #region pair
import assert from 'node:assert/strict'
import { h1, HttpRequest, HttpResponse } from '@hyper/core'
import { duplex } from '@hyper/util/memory'
import { VirtualRuntime } from './virtual-runtime.ts'

const runtime = new VirtualRuntime()
const options = { runtime, keepAliveTimeout: 75_000 }

const [clientIo, serverIo] = duplex({ runtime })
const connection = h1.serveConnection(serverIo, () => new HttpResponse('in memory'), options)
const { sender } = h1.handshake(clientIo, { runtime })

const answer = sender.send(new HttpRequest('GET', '/', { headers: { host: 'x' } }))
await runtime.settle()
const response = await answer
assert.equal(response.headers.get('date'), 'Thu, 01 Jan 2026 00:00:00 GMT')
assert.equal(await response.text(), 'in memory')
// #endregion pair
console.log('pair:', response.status)

// #region idle
assert.equal(connection.isIdle, true)
await runtime.advance(74_999)
assert.equal(connection.isClosed, false)
await runtime.advance(3_000) // 75 s idle, then up to 2 s for a peer that does not hang up
const end = await connection.closed
assert.equal(end.error?.code, 'IDLE_TIMEOUT')
// #endregion idle
console.log('idle:', end.reasons.join(' '))

// #region wire
const [attacker, victim] = duplex({ runtime })
const received: string[] = []
attacker.start({
  onData: (chunk) => received.push(runtime.text.latin1(chunk, 0, chunk.length)) > 0,
  onEnd: () => received.push('<end>'),
  onDrain() {},
  onWriteError() {},
  onClose() {},
})
h1.serveConnection(victim, () => new HttpResponse('never'), options)
for (const byte of 'GET / HTTP/1.1\r\nhost: x\r\nx-slow: ') {
  attacker.write(byte)
  await runtime.advance(1_000) // a byte a second: the head as a whole has 30
}
assert.match(received.join(''), /^HTTP\/1\.1 408 .*<end>$/s)
// #endregion wire
console.log('slow head:', received.join('').split('\r\n')[0])
