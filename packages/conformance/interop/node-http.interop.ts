// The platform's own client against our server, and our client against the platform's own server. They are on every machine.
import { Client } from '@hyper/client'
import { HeaderMap } from '@hyper/core/http'
import { Agent, createServer, request, type IncomingMessage, type RequestOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReferenceServer, type ReferenceServer } from './reference-server.ts'

interface Answer {
  readonly status: number | undefined
  readonly text: string
  readonly message: IncomingMessage
}

describe('node:http client, our server', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  let server: ReferenceServer
  beforeAll(async () => {
    server = await startReferenceServer('--quiet')
  })
  afterAll(async () => {
    agent.destroy()
    expect(await server.stop()).toBe(0)
  })

  function send(path: string, options: RequestOptions = {}, body: readonly string[] = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { port: server.port, host: '127.0.0.1', path, agent, ...options },
        (message) => {
          let text = ''
          message.setEncoding('latin1')
          message.on('data', (chunk: string) => (text += chunk))
          message.on('error', reject)
          message.on('end', () => resolve({ status: message.statusCode, text, message }))
        },
      )
      outgoing.on('error', reject)
      for (const piece of body) outgoing.write(piece)
      outgoing.end()
    })
  }

  test('a plain request', async () => {
    expect(await send('/')).toMatchObject({ status: 200, text: 'Hello, World!' })
  })

  test('five hundred requests on four connections', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => send('/bytes/3')))
    expect(answers.every(({ text }) => text === 'abc')).toBe(true)
  })

  test('a chunked body comes back', async () => {
    const answer = await send('/echo', { method: 'POST' }, ['one ', 'two ', 'three'])
    expect(answer).toMatchObject({ status: 200, text: 'one two three' })
  })

  test('a body of known length comes back', async () => {
    const headers = { 'content-length': 100_000 }
    const answer = await send('/echo', { method: 'POST', headers }, ['x'.repeat(100_000)])
    expect(answer.text).toBe('x'.repeat(100_000))
    expect(answer.message.headers['content-length']).toBe('100000')
  })

  test('trailers arrive', async () => {
    const { message } = await send('/trailers', { headers: { te: 'trailers', connection: 'TE' } })
    expect(message.trailers).toEqual({ 'x-lines': '3', 'x-done': 'yes' })
  })

  test('early hints arrive', async () => {
    const hints = await new Promise((resolve, reject) => {
      const outgoing = request({ port: server.port, host: '127.0.0.1', path: '/early-hints' }, (message) =>
        message.resume(),
      )
      outgoing.on('information', ({ statusCode }) => resolve(statusCode))
      outgoing.on('error', reject)
      outgoing.end()
    })
    expect(hints).toBe(103)
  })

  test('100 Continue comes before the body is sent', async () => {
    const text = await new Promise((resolve, reject) => {
      const headers = { expect: '100-continue', 'content-length': 5 }
      const outgoing = request(
        { port: server.port, host: '127.0.0.1', path: '/echo', method: 'POST', headers },
        (message) => {
          message.setEncoding('latin1').on('data', resolve)
        },
      )
      outgoing.on('continue', () => outgoing.end('hello'))
      outgoing.on('error', reject)
      outgoing.flushHeaders()
    })
    expect(text).toBe('hello')
  })

  test('an upgrade, with bytes in both directions', async () => {
    const text = await new Promise((resolve, reject) => {
      const headers = { connection: 'upgrade', upgrade: 'echo' }
      const outgoing = request({ port: server.port, host: '127.0.0.1', path: '/upgrade', headers })
      outgoing.on('upgrade', (_message, socket) => {
        socket.setEncoding('latin1')
        socket.on('data', (chunk: string) => {
          socket.end()
          resolve(chunk)
        })
        socket.write('raw')
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
    expect(text).toBe('raw')
  })

  test('a reset is an error', async () => {
    await expect(send('/reset')).rejects.toThrow(/aborted|ECONNRESET/)
  })
})

describe('our client, node:http server', () => {
  const client = new Client()
  let origin: string
  const server = createServer((message, response) => {
    if (message.url === '/trailers') {
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('summed')
      response.addTrailers({ 'x-sum': '42' })
      response.end()
      return
    }
    if (message.url === '/hints') response.writeEarlyHints({ link: '</a.css>; rel=preload' })
    if (message.url === '/die') {
      response.writeHead(200, { 'content-length': 10 })
      response.write('abc', () => response.destroy())
      return
    }
    response.writeHead(200, {
      'content-type': 'text/plain',
      'x-trailers': JSON.stringify(message.headers['trailer'] ?? ''),
    })
    message.pipe(response)
  })
  server.on('upgrade', (_message, socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello')
    socket.end()
  })

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await client.close()
    server.close()
  })

  test('a body of known length comes back', async () => {
    const response = await client.post(`${origin}/`, { body: 'hello' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('hello')
  })

  test('a streamed body comes back', async () => {
    const body = (async function* pieces() {
      for (let index = 0; index < 100; index++) yield 'x'.repeat(1_000)
    })()
    const response = await client.post(`${origin}/`, { body })
    expect((await response.bytes()).length).toBe(100_000)
  })

  test('trailers arrive', async () => {
    const response = await client.get(`${origin}/trailers`, { headers: { te: 'trailers' } })
    expect(await response.text()).toBe('summed')
    expect((await response.trailers)?.get('x-sum')).toBe('42')
  })

  test('trailers that we send do no harm', async () => {
    const trailers = new HeaderMap([['x-sum', '1']])
    const response = await client.post(`${origin}/`, { body: 'hello', trailers })
    expect(await response.text()).toBe('hello')
  })

  test('early hints arrive', async () => {
    const interim: number[] = []
    const response = await client.get(`${origin}/hints`, {
      onInformational: (status) => interim.push(status),
    })
    await response.text()
    expect(interim).toEqual([103])
  })

  test('five hundred requests, few connections', async () => {
    for (let round = 0; round < 50; round++) {
      const responses = await Promise.all(
        Array.from({ length: 10 }, () => client.post(`${origin}/`, { body: 'a' })),
      )
      for (const response of responses) expect(await response.text()).toBe('a')
    }
    expect(client.connections).toBeLessThanOrEqual(10)
  })

  test('an upgrade keeps the bytes behind the head', async () => {
    const upgrade = await client.upgrade(`${origin}/`, { protocol: 'echo' })
    expect(Buffer.from(upgrade.leftover).toString('latin1')).toBe('hello')
    upgrade.io.abort()
  })

  test('a connection that dies in a body is an error', async () => {
    const response = await client.get(`${origin}/die`)
    await expect(response.text()).rejects.toMatchObject({ phase: 'body' })
  })
})
