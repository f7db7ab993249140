import { createHash } from 'node:crypto'
import { getEventListeners, once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client, type FetchFunction } from '../../src/index.ts'
import { eventually, quiet } from '../raw-server.ts'

// Bodies that stream, both ways: as fast as the other side takes them, whole, and given up when nobody wants them.

let client: Client
let fetch: FetchFunction
const cleanups: (() => unknown)[] = []

beforeEach(() => {
  client = new Client()
  fetch = client.fetch
})

afterEach(() => {
  client.abort()
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

async function serverOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const CHUNK = 65_536
/** More than all the buffers on the way hold. */
const MUCH = 64 * 1024 * 1024

/** The same bytes for the same seed, none like the next. */
function noise(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  const words = new Uint32Array(bytes.buffer, 0, size >> 2)
  let state = seed
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[i] = state
  }
  return bytes
}

/** A count that has come to rest: whoever counts has been stopped, or is done. */
async function settled(count: () => number): Promise<number> {
  for (let before = -1; ;) {
    await quiet()
    if (count() === before) return before
    before = count()
  }
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('backpressure', () => {
  test('a response that nobody reads on stops its sender', async () => {
    let written = 0
    const url = await serverOf((_, response) => {
      const more = (): void => {
        while (written < MUCH) {
          written += CHUNK
          if (!response.write(Buffer.alloc(CHUNK))) return
        }
        response.end()
      }
      response.on('drain', more)
      more()
    })
    const reader = (await fetch(url)).body!.getReader()
    await reader.read()
    expect(await settled(() => written)).toBeLessThan(MUCH / 2)
    let bytes = 0
    for (let more = true; more;) {
      const step = await reader.read()
      more = !step.done
      bytes += step.value?.length ?? 0
    }
    expect(bytes).toBeLessThanOrEqual(MUCH)
    expect(written).toBe(MUCH)
  })

  test('a server that does not read stops the source of the request', async () => {
    let pulled = 0
    let release = (): void => {}
    const url = await serverOf((request, response) => {
      release = () => {
        request.resume()
        request.on('end', () => response.end('all'))
      }
    })
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (pulled >= MUCH) controller.close()
          else {
            pulled += CHUNK
            controller.enqueue(new Uint8Array(CHUNK))
          }
        },
      },
      { highWaterMark: 0 },
    )
    const answer = fetch(url, { method: 'POST', body, duplex: 'half' })
    await eventually(() => pulled > 0)
    expect(await settled(() => pulled)).toBeLessThan(MUCH / 2)
    release()
    expect(await (await answer).text()).toBe('all')
    expect(pulled).toBe(MUCH)
  })
})

describe('large bodies arrive whole', () => {
  const SIZE = 16 * 1024 * 1024
  const bytes = noise(SIZE)
  const hashed: RequestListener = (request, response) => {
    const hash = createHash('sha256')
    request.on('data', (chunk: Buffer) => hash.update(chunk))
    request.on('end', () => response.end(hash.digest('hex')))
  }

  test.each([
    ['bytes', () => bytes],
    ['a Blob', () => new Blob([bytes])],
    ['a stream', () => new Blob([bytes]).stream()],
  ])('up: %s', async (_, make) => {
    const url = await serverOf(hashed)
    const response = await fetch(url, { method: 'PUT', body: make(), duplex: 'half' } as RequestInit)
    expect(await response.text()).toBe(digest(bytes))
  })

  test.each([
    ['with a length', { 'content-length': String(SIZE) }],
    ['chunked', {}],
  ])('down: %s', async (_, headers) => {
    const url = await serverOf((__, response) => {
      response.writeHead(200, headers)
      response.end(bytes)
    })
    expect(digest(await (await fetch(url)).bytes())).toBe(digest(bytes))
    const hash = createHash('sha256')
    for await (const chunk of (await fetch(url)).body!) hash.update(chunk)
    expect(hash.digest('hex')).toBe(digest(bytes))
    const response = await fetch(url)
    const [one, other] = await Promise.all([response.clone().bytes(), response.bytes()])
    expect([digest(one), digest(other)]).toEqual([digest(bytes), digest(bytes)])
  })

  test('up and down at once', async () => {
    const url = await serverOf((request, response) => void request.pipe(response))
    const body = new Blob([bytes]).stream()
    const response = await fetch(url, { method: 'POST', body, duplex: 'half' })
    expect(digest(await response.bytes())).toBe(digest(bytes))
  })

  test('from one response into another request', async () => {
    const url = await serverOf((request, response) => {
      if (request.method === 'PUT') hashed(request, response)
      else response.end(bytes)
    })
    const { body } = await fetch(url)
    const answer = await fetch(url, { method: 'PUT', body: body!, duplex: 'half' })
    expect(await answer.text()).toBe(digest(bytes))
  })
})

describe('forms', () => {
  test.each([
    ['texts alone', (form: FormData) => form],
    [
      'files between texts',
      (form: FormData) => {
        form.append('file', new File([noise(100_000)], 'a"b\r\n.bin', { type: 'application/x' }))
        form.append('last', 'one')
        form.append('empty', new File([], ''))
        return form
      },
    ],
  ])('%s: what is sent is what Request.formData() reads', async (_, fill) => {
    const form = new FormData()
    form.append('a', 'grüße')
    form.append('a', 'again')
    form.append('na"me', '--hyper\r\n')
    fill(form)
    let got: [string, unknown][] = []
    let length: string | undefined
    const url = await serverOf(async (request, response) => {
      const body = Buffer.concat((await request.toArray()) as Buffer[])
      length = request.headers['content-length']
      expect(length).toBe(String(body.length))
      const headers = { 'content-type': request.headers['content-type'] ?? '' }
      const parsed = await new Request('http://peer/', { method: 'POST', body, headers }).formData()
      got = await told(parsed)
      response.end()
    })
    await fetch(url, { method: 'POST', body: form })
    expect(got).toEqual(await told(form))
  })

  async function told(form: FormData): Promise<[string, unknown][]> {
    const fields = [...form].map(async ([name, value]): Promise<[string, unknown]> => {
      if (typeof value === 'string') return [name, value]
      // The name of a file comes back as it was escaped, or not: that is the parser's affair.
      return [
        name,
        [value.type || 'application/octet-stream', digest(new Uint8Array(await value.arrayBuffer()))],
      ]
    })
    return Promise.all(fields)
  }
})

describe('what nobody reads', () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const collected = async (test: () => boolean): Promise<void> =>
    eventually(() => {
      gc()
      return test()
    })

  /** In a function of its own, so that nothing here holds the response. */
  async function ask(
    url: string,
    look: (response: Response) => unknown,
    signal?: AbortSignal,
  ): Promise<void> {
    await look(await fetch(url, { signal: signal ?? null }))
  }

  test.each([
    ['untouched', () => undefined],
    ['looked at', (response: Response) => [response.headers.get('x'), response.body, response.clone()]],
  ])(
    'a short rest is read when the response is gone, and its connection serves again: %s',
    async (_, look) => {
      const url = await serverOf((_request, response) => response.end('short'))
      const { signal } = new AbortController()
      await ask(url, look, signal)
      await collected(() => getEventListeners(signal, 'abort').length === 0)
      expect(await (await fetch(url)).text()).toBe('short')
      expect(client.connections).toBe(1)
    },
  )

  test('short ones are read ahead: their connections are free, and whoever reads later has all of it', async () => {
    const url = await serverOf((request, response) => {
      const { pathname } = new URL(request.url!, 'http://peer')
      if (pathname === '/chunked') for (let i = 0; i < 100; i++) response.write(`${i},`)
      else response.setHeader('content-length', '10000')
      response.end('x'.repeat(10_000))
    })
    const kept: Response[] = []
    for (let i = 0; i < 40; i++) {
      kept.push(await fetch(url + (i % 2 === 0 ? 'chunked' : '')))
      await eventually(() => client.stats().active === 0)
    }
    expect(client.connections).toBe(1)
    const sizes = await Promise.all(kept.map(async (response) => (await response.text()).length))
    expect(new Set(sizes)).toEqual(new Set([10_290, 10_000]))
  })

  test('one that fails meanwhile fails whoever reads it, after what has come', async () => {
    const url = await serverOf((_, response) => {
      response.write('begun')
      setImmediate(() => response.destroy())
    })
    const response = await fetch(url)
    await eventually(() => client.connections === 0)
    const reader = response.body!.getReader()
    expect((await reader.read()).value).toEqual(new TextEncoder().encode('begun'))
    await expect(reader.read()).rejects.toMatchObject({ code: 'INCOMPLETE_MESSAGE' })
  })

  test('no more than 64 KiB are read ahead', async () => {
    let written = 0
    const url = await serverOf((_, response) => {
      const more = (): void => {
        while (written < MUCH && response.write(Buffer.alloc(CHUNK))) written += CHUNK
      }
      response.on('drain', more)
      more()
    })
    const response = await fetch(url)
    expect(await settled(() => written)).toBeLessThan(MUCH / 2)
    await response.body!.cancel()
  })

  test('a long rest costs the connection', async () => {
    let isGone = false
    const url = await serverOf((_, response) => {
      response.on('close', () => (isGone = true))
      response.writeHead(200, { 'content-length': String(MUCH) })
      response.write('begun')
    })
    await ask(url, () => undefined)
    await collected(() => isGone)
    await eventually(() => client.connections === 0)
  })

  test('a stream of it is enough to keep it', async () => {
    const url = await serverOf((_, response) => response.end('kept'))
    const stream = await fetch(url).then((response) => response.body!)
    const half = await fetch(url).then((response) => response.clone())
    for (let i = 0; i < 10; i++) {
      gc()
      await quiet()
    }
    expect(await new Response(stream).text()).toBe('kept')
    expect(await half.text()).toBe('kept')
  })
})
