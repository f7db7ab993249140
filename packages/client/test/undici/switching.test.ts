import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/index.ts'
import { toDispatcher } from '../../src/undici/index.ts'
import { OK, RawServer, type Script } from '../raw-server.ts'
import { dispatch, GENERATIONS, type Record } from './kit.ts'

// Connections that become something else: upgrades and tunnels, which the handler gets as a Duplex.

const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function serverOf(script: Script): Promise<RawServer> {
  const server = await RawServer.start(script)
  cleanups.push(() => server.close())
  return server
}

/** Sends back what comes, in upper case. */
const shout = (socket: Socket): void => {
  socket.removeAllListeners('data')
  socket.on('data', (text: string) => void socket.write(text.toUpperCase()))
}
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: shout\r\nx-a: b\r\n\r\n'

async function converse({ socket }: Record, text: string): Promise<string> {
  if (socket === null) throw new Error('no socket')
  socket.setEncoding('latin1')
  let said = ''
  socket.on('data', (more: string) => {
    said += more
  })
  socket.write(text)
  while (said.length < text.length) await once(socket, 'data')
  return said
}

describe.each(GENERATIONS)('%s generation', (generation) => {
  test('an upgrade', async () => {
    const server = await serverOf((socket) => {
      shout(socket)
      // What comes with the answer belongs to the new protocol.
      socket.write(`${SWITCHED}HI `)
    })
    const options = { origin: server.url, path: '/up', upgrade: 'shout', headers: { 'x-c': 'd' } }
    const heard = await dispatch(toDispatcher(new Client()), generation, options).done
    expect(heard.heard).toEqual(['start', 'upgrade 101'])
    expect(server.requests).toEqual([
      `GET /up HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nx-c: d\r\nupgrade: shout\r\nconnection: upgrade\r\n\r\n`,
    ])
    expect(heard.heads[0]?.raw).toEqual(['connection', 'upgrade', 'upgrade', 'shout', 'x-a', 'b'])
    expect(await converse(heard, 'hello')).toBe('HI HELLO')
    heard.abort(new Error('too late'))
    expect(heard.heard).toHaveLength(2)
  })

  test('ends with the other side', async () => {
    const server = await serverOf((socket) => void socket.end(SWITCHED))
    const heard = await dispatch(toDispatcher(new Client()), generation, {
      origin: server.url,
      upgrade: 'shout',
    }).done
    heard.socket?.resume()
    await once(heard.socket!, 'close')
    expect(heard.socket?.writableEnded).toBe(true)
  })

  test('a server that does not switch answers', async () => {
    const server = await serverOf((socket) => void socket.write(OK))
    const heard = await dispatch(toDispatcher(new Client()), generation, {
      origin: server.url,
      upgrade: 'shout',
    }).done
    expect(heard.heard).toEqual(['start', 'head 200', 'data ok', 'end'])
  })

  test('a tunnel', async () => {
    const target = createServer((socket) => {
      socket.setEncoding('latin1')
      shout(socket)
    }).listen(0, '127.0.0.1')
    await once(target, 'listening')
    cleanups.push(() => target.close())
    const to = `127.0.0.1:${(target.address() as AddressInfo).port}`
    const server = await serverOf((socket) => {
      shout(socket)
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    })
    const options = { origin: server.url, method: 'CONNECT', path: to }
    const heard = await dispatch(toDispatcher(new Client()), generation, options).done
    expect(heard.heard).toEqual(['start', 'upgrade 200'])
    expect(server.requests).toEqual([`CONNECT ${to} HTTP/1.1\r\nhost: ${to}\r\n\r\n`])
    expect(await converse(heard, 'hello')).toBe('HELLO')
    heard.socket?.destroy()
  })

  test('a proxy that refuses answers', async () => {
    const server = await serverOf(
      (socket) => void socket.write('HTTP/1.1 407 No\r\ncontent-length: 2\r\n\r\nno'),
    )
    const options = { origin: server.url, method: 'CONNECT', path: 'a.test:443' }
    const heard = await dispatch(toDispatcher(new Client()), generation, options).done
    expect(heard.heard).toEqual(['start', 'head 407', 'data no', 'end'])
  })

  test('given up before it has switched', async () => {
    const server = await serverOf(() => {})
    const heard = dispatch(toDispatcher(new Client()), generation, { origin: server.url, upgrade: 'shout' })
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    heard.abort(new Error('enough'))
    await new Promise((resolve) => server.sockets[0]?.once('close', resolve))
    expect(heard.heard).toEqual(['start', 'error Error'])
  })
})
