import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type * as Undici from 'undici8'
import type { Check } from './fetch-checks.ts'
import { settled } from './fetch-checks.ts'
import type { Asked } from './server.ts'

// What the functions of an undici must do over our dispatcher: given by the call, or global.

export interface UndiciSubject {
  readonly undici: typeof Undici
  readonly line: number
  /** Goes into every call: the dispatcher, or nothing. */
  readonly over: { readonly dispatcher?: Undici.Dispatcher }
  readonly dispatcher: Undici.Dispatcher
  readonly asked: Asked
}

export const UNDICI_CHECKS: Readonly<Record<string, Check<UndiciSubject>>> = {
  async 'request: JSON, query, headers in and out'({ asked, over, undici }) {
    const options = {
      ...over,
      method: 'POST',
      body: '{"a":1}',
      query: { b: 'c d' },
      headers: ['content-type', 'x/y'],
    } as const
    const { body, headers, statusCode } = await undici.request(`${asked.origin}/json`, options as never)
    assert.equal(statusCode, 200)
    assert.equal(headers['content-type'], 'application/json')
    assert.deepEqual(await body.json(), { method: 'POST', body: '{"a":1}', type: 'x/y', length: '7' })
  },

  async 'request: streams of Node and generators up'({ asked, over, undici }) {
    const ask = async (body: unknown): Promise<string> => {
      const options = { ...over, method: 'POST', body: body as Readable } as const
      return (await undici.request(`${asked.origin}/echo`, options)).body.text()
    }
    assert.equal(await ask(Readable.from(['ab', 'cd'])), 'abcd')
    const generator = (async function* () {
      yield 'ab'
      yield Buffer.from('cd')
    })()
    assert.equal(await ask(generator), 'abcd')
  },

  async 'request: a form of its own'({ asked, over, undici }) {
    const form = new undici.FormData()
    form.append('a', 'b')
    const options = { ...over, method: 'POST', body: form } as const
    const { body } = await undici.request(`${asked.origin}/json`, options)
    const told = (await body.json()) as { body: string; type: string }
    assert.match(told.body, /name="a"\r\n\r\nb\r\n/)
    assert.match(told.type, /^multipart\/form-data; boundary=/)
  },

  async 'request: redirects and codings are left as they are'({ asked, over, undici }) {
    const moved = await undici.request(`${asked.origin}/307`, over)
    assert.deepEqual([moved.statusCode, moved.headers['location']], [307, '/json'])
    await moved.body.dump()
    const packed = await undici.request(`${asked.origin}/gzip`, over)
    assert.equal(Buffer.from(await packed.body.arrayBuffer()).readUInt16BE(), 0x1f8b)
  },

  async 'request: interim responses and trailers'({ asked, over, undici }) {
    const interim: number[] = []
    const onInfo = ({ statusCode }: { statusCode: number }): void => void interim.push(statusCode)
    const early = await undici.request(`${asked.origin}/early`, { ...over, onInfo })
    assert.deepEqual([interim, await early.body.text()], [[103, 102], 'ok'])
    const response = await undici.request(`${asked.origin}/trailers`, over)
    assert.equal(await response.body.text(), 'body')
    assert.deepEqual({ ...response.trailers }, { 'x-digest': 'abc' })
  },

  async 'request: given up, before the head and after it'({ asked, over, undici }) {
    for (const path of ['/never', '/begun']) {
      const controller = new AbortController()
      const response = undici.request(asked.origin + path, { ...over, signal: controller.signal })
      setTimeout(() => controller.abort(), 20)
      await assert.rejects(async () => (await response).body.text(), { name: 'AbortError' })
    }
  },

  async 'request: a body that is not read is dropped'({ asked, over, undici }) {
    const { body } = await undici.request(`${asked.origin}/large`, over)
    const before = await settled(asked)
    assert.ok(before < 32 * 1024 * 1024, `${before} bytes were written that nobody reads`)
    body.on('error', () => {})
    body.destroy()
  },

  async 'errors are those of its own classes'({ asked, over, undici }) {
    const { errors } = undici
    const late = undici.request(`${asked.origin}/never`, { ...over, headersTimeout: 100 })
    await assert.rejects(late, (error: Error & { code: string }) => {
      assert.ok(error instanceof errors.HeadersTimeoutError && error instanceof errors.UndiciError)
      assert.ok(!(error instanceof errors.SocketError))
      return error.code === 'UND_ERR_HEADERS_TIMEOUT'
    })
    const stalled = await undici.request(`${asked.origin}/begun`, { ...over, bodyTimeout: 100 })
    await assert.rejects(stalled.body.text(), (error) => error instanceof errors.BodyTimeoutError)
    const wrong = undici.request(asked.origin, { ...over, headers: { 'transfer-encoding': 'chunked' } })
    await assert.rejects(wrong, (error) => error instanceof errors.InvalidArgumentError)
    await assert.rejects(undici.request(asked.refused, over), { code: 'ECONNREFUSED' })
  },

  async 'a server that closes what it has answered on'({ asked, over, undici }) {
    for (let i = 0; i < 10; i++)
      assert.equal(await (await undici.request(asked.stale, over)).body.text(), 'ok')
  },

  async stream({ asked, over, undici }) {
    const chunks: Buffer[] = []
    const options = { ...over, method: 'POST', body: 'hello' } as const
    await undici.stream(
      `${asked.origin}/echo`,
      options,
      ({ statusCode }) =>
        new Writable({
          highWaterMark: 1,
          write(chunk: Buffer, _encoding, done) {
            assert.equal(statusCode, 200)
            chunks.push(chunk)
            setImmediate(done)
          },
        }),
    )
    assert.equal(Buffer.concat(chunks).toString(), 'hello')
  },

  async pipeline({ asked, over, undici }) {
    const duplex = undici.pipeline(`${asked.origin}/echo`, { ...over, method: 'POST' }, ({ body }) => body)
    duplex.write('hel')
    duplex.end('lo')
    assert.equal(await text(duplex), 'hello')
  },

  async upgrade({ asked, over, undici }) {
    const { headers, socket } = await undici.upgrade(asked.origin, { ...over, protocol: 'shout' })
    assert.equal(headers['upgrade'], 'shout')
    socket.write('hello')
    assert.equal(String((await once(socket, 'data'))[0]), 'HELLO')
    socket.destroy()
  },

  async connect({ asked, over, undici }) {
    const options = { ...over, path: 'a.test:443' } as never
    const { socket, statusCode } = await undici.connect(asked.origin, options)
    assert.equal(statusCode, 200)
    socket.write('hello')
    assert.equal(String((await once(socket, 'data'))[0]), 'HELLO')
    socket.destroy()
  },

  async 'an upgrade that is refused'({ asked, over, undici }) {
    await assert.rejects(undici.upgrade(`${asked.origin}/refuses`, { ...over, protocol: 'shout' }), {
      code: 'UND_ERR_SOCKET',
    })
    await assert.rejects(undici.connect(asked.refused, { ...over, path: 'a.test:443' } as never), {
      code: 'ECONNREFUSED',
    })
  },

  async 'its interceptors: redirect, retry, dump'({ asked, dispatcher, undici }) {
    const { interceptors } = undici
    const follows = dispatcher.compose(interceptors.redirect({ maxRedirections: 2 }) as never)
    const followed = await undici.request(`${asked.origin}/303`, {
      dispatcher: follows,
      method: 'POST',
      body: 'a',
    })
    assert.equal(((await followed.body.json()) as { method: string }).method, 'GET')
    const persistent = dispatcher.compose(
      interceptors.retry({ maxRetries: 2, minTimeout: 1, maxTimeout: 1 }) as never,
    )
    await assert.rejects(undici.request(asked.refused, { dispatcher: persistent }), { code: 'ECONNREFUSED' })
    const fine = await undici.request(`${asked.origin}/json`, { dispatcher: persistent })
    assert.equal(fine.statusCode, 200)
    await fine.body.text()
    const dumped = dispatcher.compose(interceptors.dump() as never)
    const dump = await undici.request(`${asked.origin}/json`, {
      dispatcher: dumped,
      dumpMaxSize: 1024,
    } as never)
    assert.equal(await dump.body.text(), '')
  },

  async 'its RetryAgent'({ asked, dispatcher, undici }) {
    let tries = 0
    const counting = {
      dispatch: (options: never, handler: never) => {
        tries++
        return dispatcher.dispatch(options, handler)
      },
      close: () => Promise.resolve(),
      destroy: () => Promise.resolve(),
    }
    const agent = new undici.RetryAgent(counting as never, { maxRetries: 2, minTimeout: 1, maxTimeout: 1 })
    await assert.rejects(undici.request(asked.refused, { dispatcher: agent }), { code: 'ECONNREFUSED' })
    assert.equal(tries, 3)
    tries = 0
    await assert.rejects(async () =>
      (await undici.request(`${asked.origin}/busy`, { dispatcher: agent })).body.text(),
    )
    assert.equal(tries, 3)
  },
}
