import assert from 'node:assert/strict'
import { hyperErrorOf } from '@hyper/client/undici'
import type { Asked } from './server.ts'

// What a fetch must do over our dispatcher: the one of the platform, and that of an undici.

export interface FetchSubject {
  readonly fetch: typeof fetch
  readonly FormData: typeof FormData
  /** What goes into every call. */
  readonly init: RequestInit
  readonly asked: Asked
}

export type Check<T> = (subject: T) => Promise<void>

export const FETCH_CHECKS: Readonly<Record<string, Check<FetchSubject>>> = {
  async 'JSON there and back'({ asked, fetch, init }) {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${asked.origin}/json?a=b`, {
      ...init,
      method: 'POST',
      headers,
      body: '{"a":1}',
    })
    assert.deepEqual(await response.json(), {
      method: 'POST',
      body: '{"a":1}',
      type: 'application/json',
      length: '7',
    })
  },

  async 'a stream up, and down again'({ asked, fetch, init }) {
    const text = 'x'.repeat(100_000)
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(text))
        controller.close()
      },
    })
    const response = await fetch(`${asked.origin}/echo`, {
      ...init,
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit)
    assert.equal(await response.text(), text)
  },

  async 'bytes, and a blob'({ asked, fetch, init }) {
    for (const body of [new TextEncoder().encode('bytes'), new Blob(['bytes'])]) {
      const response = await fetch(`${asked.origin}/json`, { ...init, method: 'PUT', body })
      const told = (await response.json()) as { body: string; length: string }
      assert.deepEqual([told.body, told.length], ['bytes', '5'])
    }
  },

  async 'a form'({ asked, fetch, FormData, init }) {
    const form = new FormData()
    form.append('a', 'b')
    form.append('f', new Blob(['hello'], { type: 'text/x' }), 'f.txt')
    const response = await fetch(`${asked.origin}/json`, { ...init, method: 'POST', body: form })
    const { body, type } = (await response.json()) as { body: string; type: string }
    const boundary = /boundary=(.*)$/.exec(type)?.[1] ?? 'none'
    const parts = body.split(`--${boundary}`)
    assert.equal(parts.length, 4)
    assert.match(parts[1] ?? '', /name="a"\r\n\r\nb\r\n$/)
    assert.match(parts[2] ?? '', /name="f"; filename="f.txt"\r\nContent-Type: text\/x\r\n\r\nhello\r\n$/)
  },

  async 'redirects are the fetch’s own: 303, 307, manual, error'({ asked, fetch, init }) {
    const see = await fetch(`${asked.origin}/303`, { ...init, method: 'POST', body: 'a' })
    assert.deepEqual([see.redirected, see.url], [true, `${asked.origin}/json`])
    assert.equal(((await see.json()) as { method: string }).method, 'GET')
    const again = await fetch(`${asked.origin}/307`, { ...init, method: 'POST', body: 'a' })
    const told = (await again.json()) as { method: string; body: string }
    assert.deepEqual([told.method, told.body], ['POST', 'a'])
    const manual = await fetch(`${asked.origin}/307`, { ...init, redirect: 'manual' })
    assert.equal(
      manual.headers.get('location') ?? manual.type,
      manual.type === 'opaqueredirect' ? 'opaqueredirect' : '/json',
    )
    await assert.rejects(fetch(`${asked.origin}/307`, { ...init, redirect: 'error' }), TypeError)
  },

  async 'codings are the fetch’s own'({ asked, fetch, init }) {
    assert.equal(await (await fetch(`${asked.origin}/gzip`, init)).text(), 'hello, gzip')
  },

  async 'given up before the head'({ asked, fetch, init }) {
    const controller = new AbortController()
    const response = fetch(`${asked.origin}/never`, { ...init, signal: controller.signal })
    setTimeout(() => controller.abort(), 20)
    await assert.rejects(response, { name: 'AbortError' })
  },

  async 'given up inside of the body'({ asked, fetch, init }) {
    const controller = new AbortController()
    const response = await fetch(`${asked.origin}/begun`, { ...init, signal: controller.signal })
    const text = response.text()
    setTimeout(() => controller.abort(), 20)
    await assert.rejects(text, { name: 'AbortError' })
  },

  async 'given up before it begins'({ asked, fetch, init }) {
    await assert.rejects(fetch(asked.origin, { ...init, signal: AbortSignal.abort() }), {
      name: 'AbortError',
    })
  },

  async '404, HEAD, 204, cookies'({ asked, fetch, init }) {
    const missing = await fetch(`${asked.origin}/nowhere`, init)
    assert.deepEqual(
      [missing.status, missing.statusText, await missing.text()],
      [404, 'Not Found', 'not here'],
    )
    const head = await fetch(`${asked.origin}/json`, { ...init, method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [200, ''])
    const empty = await fetch(`${asked.origin}/204`, init)
    assert.deepEqual([empty.status, empty.body], [204, null])
    const cookies = await fetch(`${asked.origin}/cookies`, init)
    assert.deepEqual(cookies.headers.getSetCookie(), ['a=1', 'b=2'])
    await cookies.text()
  },

  async 'trailers and interim responses disturb nothing'({ asked, fetch, init }) {
    assert.equal(await (await fetch(`${asked.origin}/trailers`, init)).text(), 'body')
    assert.equal(await (await fetch(`${asked.origin}/early`, init)).text(), 'ok')
  },

  async 'a server that closes what it has answered on: no error reaches the caller'({ asked, fetch, init }) {
    for (let i = 0; i < 10; i++) assert.equal(await (await fetch(asked.stale, init)).text(), 'ok')
    for (let i = 0; i < 4; i++)
      assert.equal(await (await fetch(asked.stale, { ...init, method: 'PUT', body: 'a' })).text(), 'ok')
  },

  async 'a refused connection: what happened, to whom, as undici says it'({ asked, fetch, init }) {
    const error: unknown = await fetch(asked.refused, init).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof TypeError)
    const address = asked.refused.slice('http://'.length)
    const { cause } = error as { cause: Error & Record<string, unknown> }
    const { attempts, code, phase, port, retryable, syscall } = cause
    assert.deepEqual(
      { attempts, code, phase, port, retryable, syscall },
      {
        attempts: 1,
        code: 'ECONNREFUSED',
        phase: 'connect',
        port: Number(address.split(':')[1]),
        retryable: true,
        syscall: 'connect',
      },
    )
    assert.equal(cause['address'], address)
    assert.match(
      cause.message,
      /^connecting to 127\.0\.0\.1:\d+ failed: nobody listens there \(ECONNREFUSED\) \(.*, after \d+ ms\)$/,
    )
    assert.equal(hyperErrorOf(error)?.code, 'CONNECT')
  },

  async 'a slow reader holds the server back'({ asked, fetch, init }) {
    const response = await fetch(`${asked.origin}/large`, init)
    assert.ok(response.body !== null)
    const reader = response.body.getReader()
    await reader.read()
    const before = await settled(asked)
    assert.ok(before < 32 * 1024 * 1024, `${before} bytes were written that nobody reads`)
    await reader.cancel()
  },

  async 'many at a time'({ asked, fetch, init }) {
    const asks = Array.from({ length: 20 }, async (_, i) =>
      (await fetch(`${asked.origin}/json?${i}`, init)).json(),
    )
    assert.equal((await Promise.all(asks)).length, 20)
  },
}

/** How much a server has written once it writes no more. */
export async function settled(asked: Asked): Promise<number> {
  for (let before = -1; ;) {
    const now = asked.written()
    if (now === before) return now
    before = now
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
