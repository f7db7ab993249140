import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HeaderMap, type HttpRequest, type HttpResponse } from '@hyper/core/http'
import type { Tracer } from '@hyper/core/trace'
import { testCertificate } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { Client } from '../src/index.ts'
import { H2Server } from './h2-server.ts'

const { cert } = await testCertificate()

// Everything of the caller's that is called runs in the caller's asynchronous context, also when another request has
// opened the connection.

const store = new AsyncLocalStorage<string>()
const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

const PART = 'x'.repeat(200_000)

/** Answers with a 103, half of a body, the other half later, and trailers; it reads slowly. */
async function serverOf(version: string): Promise<string> {
  if (version === '2') {
    const server = await H2Server.start((stream) => {
      stream.additionalHeaders({ ':status': 103 })
      stream.respond({ ':status': 200 }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'yes' }))
      stream.on('data', () => undefined)
      stream.write(PART)
      stream.on('end', () => setTimeout(() => stream.end(PART), 5))
    })
    cleanups.push(() => server.close())
    return server.url
  }
  const server = createServer((request, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    response.writeHead(200, { trailer: 'x-end' })
    response.write(PART)
    request.on('data', () => undefined)
    request.on('end', () =>
      setTimeout(() => {
        response.addTrailers({ 'x-end': 'yes' })
        response.end(PART)
      }, 5),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe.each(['1.1', '2'])('HTTP/%s', (version) => {
  test('the context is that of the request', async () => {
    const url = await serverOf(version)
    const seen: Record<string, Set<string | undefined>> = {}
    const see = (what: string): void => void (seen[what] ??= new Set()).add(store.getStore())
    // Of the request that has opened the connection, which is a GET, nothing is noted.
    const hook = (name: string) => (request: HttpRequest) =>
      request.method === 'POST' && see(`tracer ${name}`)
    const tracer: Tracer = {
      onRequestStart: hook('start'),
      onInformational: hook('1xx'),
      onResponseStart: hook('response'),
      onRequestEnd: hook('end'),
    }
    const client = new Client({ ca: cert, tracer })
    cleanups.push(() => client.abort())
    await store.run('opener', async () => (await client.get(url)).text())

    async function* upload(): AsyncGenerator<string> {
      try {
        for (let i = 0; i < 30; i++) {
          see('upload')
          yield PART
        }
      } finally {
        see('upload end')
      }
    }
    const readBySink = (response: HttpResponse): Promise<void> =>
      new Promise((resolve, reject) => {
        response.body.start({
          onData: () => see('onData'),
          onTrailers: () => see('onTrailers'),
          onEnd: () => {
            see('onEnd')
            resolve()
          },
          onError: reject,
        })
      })
    const ask = (): Promise<HttpResponse> =>
      client.post(url, {
        body: upload(),
        trailers: () => {
          see('trailers')
          return new HeaderMap([['x-sum', '1']])
        },
        headers: { te: 'trailers' },
        onInformational: () => see('onInformational'),
      })
    await store.run('caller', async () => {
      const response = await ask()
      see('response')
      await readBySink(response)
      const second = await ask()
      for await (const _ of second.body) see('iteration')
      see('trailers promise')
      await second.trailers
      see('after')
    })
    expect(client.stats().dials).toBe(1)
    const names = [
      'tracer start',
      'tracer 1xx',
      'tracer response',
      'tracer end',
      'upload',
      'upload end',
      'onData',
      'onTrailers',
      'onEnd',
      'trailers',
      'onInformational',
      'response',
      'iteration',
      'trailers promise',
      'after',
    ]
    expect(Object.fromEntries(Object.entries(seen).map(([name, values]) => [name, [...values]]))).toEqual(
      Object.fromEntries(names.map((name) => [name, ['caller']])),
    )
  })

  test('what fails is told there, too', async () => {
    const url = await serverOf(version)
    const client = new Client({ ca: cert })
    cleanups.push(() => client.abort())
    await store.run('opener', async () => (await client.get(url)).text())
    const seen = await store.run('caller', async () => {
      const controller = new AbortController()
      const response = await client.get(url, { signal: controller.signal })
      const failed = new Promise<string | undefined>((resolve) => {
        response.body.start({
          onData: () => undefined,
          onTrailers: () => undefined,
          onEnd: () => resolve('ended'),
          onError: () => resolve(store.getStore()),
        })
      })
      store.run('aborter', () => controller.abort())
      return failed
    })
    expect(seen).toBe('caller')
  })
})
