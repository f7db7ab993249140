// undici against our server: the platform's `fetch`, which is built on it and always there, and the package where it is installed.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReferenceServer, type ReferenceServer } from './reference-server.ts'

interface UndiciResponse {
  readonly statusCode: number
  readonly trailers: Record<string, string>
  readonly body: { text(): Promise<string> }
}

interface Undici {
  readonly Pool: new (
    origin: string,
    options: { connections: number; pipelining: number },
  ) => {
    request(options: Record<string, unknown>): Promise<UndiciResponse>
    close(): Promise<void>
  }
}

let server: ReferenceServer
let origin: string

beforeAll(async () => {
  server = await startReferenceServer('--quiet')
  origin = `http://127.0.0.1:${server.port}`
})
afterAll(async () => {
  expect(await server.stop()).toBe(0)
})

describe('the fetch of the platform', () => {
  test('a plain request', async () => {
    const response = await fetch(`${origin}/`)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('Hello, World!')
  })

  test('a streamed body comes back', async () => {
    const body = ReadableStream.from(
      Array.from({ length: 50 }, () => new TextEncoder().encode('x'.repeat(100))),
    )
    const response = await fetch(`${origin}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(await response.text()).toBe('x'.repeat(5_000))
  })

  test('a stream arrives in full', async () => {
    const text = await (await fetch(`${origin}/stream/1000`)).text()
    expect(text.split('\n')).toHaveLength(1_001)
  })

  test('a reset is an error', async () => {
    const response = await fetch(`${origin}/reset`)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  test('204 and 304 do not disturb the next request', async () => {
    for (const status of [204, 304, 204, 200]) {
      const response = await fetch(`${origin}/status/${status}`)
      await response.arrayBuffer()
      expect(response.status).toBe(status)
    }
  })
})

const undici = findUndici()
if (undici === null) test.skip('peer undici: not on this machine', () => undefined)
else describeUndici(undici)

function describeUndici({ Pool }: Undici): void {
  describe('the package undici', () => {
    test('pipelined requests are answered in order', async () => {
      const pool = new Pool(origin, { connections: 1, pipelining: 10 })
      const paths = Array.from({ length: 200 }, (_, index) => `/bytes/${index}`)
      const lengths = await Promise.all(
        paths.map(async (path) => (await (await pool.request({ path, method: 'GET' })).body.text()).length),
      )
      expect(lengths).toEqual(paths.map((_, index) => index))
      await pool.close()
    })

    test('a body and trailers', async () => {
      const pool = new Pool(origin, { connections: 1, pipelining: 1 })
      const response = await pool.request({ path: '/trailers', method: 'GET', headers: { te: 'trailers' } })
      expect(await response.body.text()).toBe('chunk 1\nchunk 2\nchunk 3\n')
      expect(response.trailers).toEqual({ 'x-lines': '3', 'x-done': 'yes' })
      await pool.close()
    })
  })
}

// A development dependency of the benchmarks; this package has none of its own.
function findUndici(): Undici | null {
  try {
    const load = createRequire(join(import.meta.dirname, '..', '..', '..', 'benchmarks', 'package.json'))
    return load('undici') as Undici
  } catch {
    return null
  }
}
