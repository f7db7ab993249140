import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { testCertificate } from '@hyper/testkit'
import { nodeIo } from '@hyper/util/node'
import { afterEach, expect, test, vi } from 'vitest'

// Sockets that were closed, and whose peers do not let them go. Timers are the test's; sockets have clocks of their own.

const cleanup: (() => unknown)[] = []

afterEach(() => {
  vi.useRealTimers()
  for (const task of cleanup.splice(0)) task()
})

async function pair(isTls: boolean): Promise<{ accepted: Socket; client: Socket }> {
  const { cert, key } = await testCertificate()
  const server = isTls ? createTlsServer({ cert, key }) : createServer({ allowHalfOpen: true })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const client = isTls
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect({ port, host: '127.0.0.1' })
  client.on('error', () => {})
  const [accepted] = (await once(server, isTls ? 'secureConnection' : 'connection')) as [Socket]
  cleanup.push(
    () => server.close(),
    () => client.destroy(),
    () => accepted.destroy(),
  )
  return { accepted, client }
}

test.each([
  ['takes nothing', false],
  ['takes nothing, over TLS', true],
])('a peer that %s of what is queued holds the socket for 30 s', async (_, isTls) => {
  const { accepted, client } = await pair(isTls)
  client.pause()
  const io = nodeIo(accepted)
  const chunk = new Uint8Array(4_000_000)
  while (accepted.writableLength === 0) io.write(chunk)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  io.close()
  vi.advanceTimersByTime(29_999)
  expect(accepted.destroyed).toBe(false)
  vi.advanceTimersByTime(1)
  expect(accepted.destroyed).toBe(true)
})

test('a peer that goes on sending over TLS, too', async () => {
  const { accepted, client } = await pair(true)
  client.allowHalfOpen = true
  client.resume()
  const io = nodeIo(accepted)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  io.close()
  await once(client, 'end')
  client.write('more')
  vi.advanceTimersByTime(29_999)
  expect(accepted.destroyed).toBe(false)
  vi.advanceTimersByTime(1)
  expect(accepted.destroyed).toBe(true)
})

test.each([false, true])('what has closed by itself leaves no timer, TLS: %s', async (isTls) => {
  const { accepted, client } = await pair(isTls)
  client.resume()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const io = nodeIo(accepted)
  io.write('bye')
  io.close()
  if (!accepted.closed) await once(accepted, 'close')
  expect(vi.getTimerCount()).toBe(0)
})
