import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { Client } from '../../src/index.ts'
import { type DispatchHandler, install, toDispatcher } from '../../src/undici/index.ts'
import { eventually, RawServer } from '../raw-server.ts'

// Responses that nobody reads, through undici: their connections come free once nobody holds them.

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function start(): Promise<{ server: RawServer; client: Client }> {
  const server = await RawServer.start(
    (socket) =>
      void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`),
  )
  const client = new Client()
  cleanups.push(
    () => server.close(),
    () => client.abort(),
  )
  return { server, client }
}

async function collected(test: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !test(); i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(test()).toBe(true)
}

/** As undici makes them: the handler holds a response, the response holds the controller. */
function forget(client: Client, generation: 'later' | 'earlier'): Promise<void> {
  return new Promise((resolve, reject) => {
    const later: DispatchHandler = {
      onRequestStart() {},
      onResponseStart(controller) {
        controller.pause()
        resolve()
      },
      onResponseError: (_controller, error) => reject(error),
    }
    const earlier: DispatchHandler = {
      onConnect() {},
      onHeaders() {
        resolve()
        return false
      },
      onError: reject,
    }
    const options = { origin, path: '/', method: 'GET' }
    toDispatcher(client).dispatch(options, generation === 'later' ? later : earlier)
  })
}

let origin = ''

test.each(['later', 'earlier'] as const)('whose handler has paused, and is gone (%s)', async (generation) => {
  const { client, server } = await start()
  origin = server.url
  for (let i = 0; i < 5; i++) await forget(client, generation)
  expect(client.stats().active).toBe(5)
  await collected(() => client.connections === 0)
})

test('the dispatcher that was used for them is told, too', async () => {
  const { client, server } = await start()
  const dispatcher = toDispatcher(client)
  const forgotten = async (): Promise<void> =>
    new Promise((resolve) => {
      dispatcher.dispatch(
        { origin: server.url, path: '/', method: 'GET' },
        {
          onConnect() {},
          onHeaders() {
            resolve()
            return false
          },
          onError() {},
        },
      )
    })
  await forgotten()
  let isClosed = false
  void dispatcher.close().then(() => {
    isClosed = true
  })
  await collected(() => isClosed)
})

test('by the fetch of the platform', async () => {
  const { client, server } = await start()
  using _ = install({ client })
  const unread = async (): Promise<number> => (await fetch(server.url)).status
  for (let i = 0; i < 5; i++) expect(await unread()).toBe(200)
  await collected(() => client.connections === 0)
  await eventually(() => server.sockets.every((socket) => socket.destroyed))
})
