import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { constants } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import type { Service } from '@hyper/core/service'
import { testCertificate } from '@hyper/testkit'
import { duplexFrom } from '@hyper/util/node'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type FetchHandler,
  Response as FetchResponse,
  type ServeOptions,
  serve,
  type Server,
} from '../src/index.ts'
import { answerOf, ask, closeSessions, open } from './h2-kit.ts'
import { bodyOf, eventually, Wire } from './wire.ts'

const tls = await testCertificate()
let server: Server

afterEach(() => {
  closeSessions()
  return server.close({ deadline: 0 })
})

async function start(options: ServeOptions): Promise<Server> {
  server = await serve({ hostname: '127.0.0.1', ...options })
  return server
}

/** The same handler by HTTP/1.1 on the same port. */
async function viaHttp1(path: string): Promise<string> {
  const wire = await Wire.exchange(
    server.port,
    `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
  )
  return bodyOf(wire)
}

describe.each([
  ['h2c', undefined],
  ['TLS', tls],
] as const)('one port, by %s', (name, secure) => {
  test('a fetch handler answers HTTP/2', async () => {
    await start({
      tls: secure,
      fetch: async (request, context) =>
        FetchResponse.json([
          request.method,
          request.url,
          request.headers.get('x-one'),
          request.headers.get('host'),
          await request.text(),
          context.httpVersion,
          context.alpnProtocol,
          context.encrypted,
        ]),
    })
    const session = open(server, 'example.test')
    const answer = await ask(session, { ':path': '/a/../b?c', ':method': 'POST', 'x-one': '1' }, 'body')
    const authority = name === 'TLS' ? `example.test:${server.port}` : `127.0.0.1:${server.port}`
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
    expect(JSON.parse(answer.body)).toEqual([
      'POST',
      `${name === 'TLS' ? 'https' : 'http'}://${authority}/b?c`,
      '1',
      authority,
      'body',
      '2',
      name === 'TLS' ? 'h2' : null,
      name === 'TLS',
    ])
  })

  test('a service answers many requests at once', async () => {
    const service: Service = async (request) => {
      await Promise.resolve()
      return new HttpResponse(`${request.version} ${request.target}`)
    }
    await start({ tls: secure, service })
    const session = open(server)
    const paths = Array.from({ length: 50 }, (_, index) => `/${index}`)
    const answers = await Promise.all(paths.map((path) => ask(session, { ':path': path })))
    expect(answers.map(({ body }) => body)).toEqual(paths.map((path) => `2 ${path}`))
    expect(server.connections).toBe(1)
  })

  test('trailers both ways', async () => {
    await start({
      tls: secure,
      fetch: async (request, context) => {
        const text = await request.text()
        const seen = await context.requestTrailers
        context.trailers(() => ({
          'x-check': seen?.get('x-check') ?? 'none',
          'x-length': String(text.length),
        }))
        return new Response(text)
      },
    })
    const answer = await ask(open(server), { ':method': 'POST' }, 'hello', { 'x-check': '42' })
    expect(answer).toMatchObject({
      status: 200,
      body: 'hello',
      trailers: { 'x-check': '42', 'x-length': '5' },
    })
  })

  test('103 before the answer', async () => {
    await start({
      tls: secure,
      fetch: (_, context) => {
        context.sendInformational(103, { link: '</style.css>; rel=preload' })
        return new Response('done')
      },
    })
    const answer = await ask(open(server))
    expect(answer.informational).toMatchObject([{ ':status': 103, link: '</style.css>; rel=preload' }])
    expect(answer).toMatchObject({ status: 200, body: 'done' })
  })

  test('curl', async ({ skip }) => {
    if (!curlSpeaksHttp2()) skip('no curl with HTTP/2')
    await start({
      tls: secure,
      service: (request) =>
        request.bytes().then((all) => new HttpResponse(`${request.version} ${all.length}`)),
    })
    const how = secure === undefined ? '--http2-prior-knowledge' : '--http2'
    const body = 'x'.repeat(100_000)
    const report = ' %{http_version} %{http_code}'
    const words = ['-s', '-S', '-k', how, '--data-binary', body, '-w', report, server.url]
    const { stdout } = await promisify(execFile)('curl', words)
    expect(stdout).toBe('2 100000 2 200')
  })
})

function curlSpeaksHttp2(): boolean {
  try {
    return execFileSync('curl', ['--version'], { encoding: 'utf8' }).includes('HTTP2')
  } catch {
    return false
  }
}

describe('both protocols', () => {
  test('the same handler answers HTTP/1.1 on the same port', async () => {
    await start({ fetch: (_, context) => new FetchResponse(context.httpVersion) })
    expect([await viaHttp1('/'), (await ask(open(server))).body]).toEqual(['1.1', '2'])
  })

  test('TLS: ALPN decides, and without it it is HTTP/1.1', async () => {
    await start({
      tls,
      fetch: (_, context) => new FetchResponse(`${context.httpVersion} ${context.alpnProtocol}`),
    })
    expect((await ask(open(server))).body).toBe('2 h2')
    for (const [protocols, expected] of [
      [['http/1.1'], '1.1 http/1.1'],
      [undefined, '1.1 null'],
    ] as const) {
      const socket = connectTls({
        host: '127.0.0.1',
        port: server.port,
        ca: tls.cert,
        ...(protocols === undefined ? {} : { ALPNProtocols: [...protocols] }),
      })
      const request = httpRequest({ createConnection: () => socket }).end()
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      expect((await response.setEncoding('utf8').toArray()).join('')).toBe(expected)
      socket.destroy()
    }
  })

  test('http2: false serves HTTP/1 alone', async () => {
    await start({ http2: false, fetch: () => new Response('one') })
    expect(await viaHttp1('/')).toBe('one')
    const session = open(server)
    await once(session, 'close')
    expect(session.destroyed).toBe(true)
  })

  test('http1: false serves HTTP/2 alone', async () => {
    await start({ http1: false, fetch: () => new Response('two') })
    expect((await ask(open(server))).body).toBe('two')
    expect(await Wire.exchange(server.port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n')).not.toContain('HTTP/1.1')
  })

  test('TLS offers what is served', async () => {
    for (const [options, expected] of [
      [{ http2: false }, 'http/1.1'],
      [{ http1: false }, 'h2'],
      [{}, 'h2'],
    ] as const) {
      await start({ tls, fetch: () => new Response(''), ...options })
      const socket = connectTls({
        host: '127.0.0.1',
        port: server.port,
        ca: tls.cert,
        ALPNProtocols: ['http/1.1', 'h2'],
      })
      await once(socket, 'secureConnect')
      expect(socket.alpnProtocol).toBe(expected)
      socket.destroy()
      await server.close({ deadline: 0 })
    }
  })

  test('one of the two is needed', async () => {
    const none = serve({ http1: false, http2: false, fetch: () => new Response('') })
    await expect(none).rejects.toMatchObject({ code: 'INVALID_OPTION', by: 'user' })
  })

  test('a wrong option of HTTP/2 is refused when the server is made', async () => {
    const wrong = { fetch: () => new Response('') }
    await expect(serve({ ...wrong, http2: { maxFrameSize: 1 } })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
    await expect(serve({ ...wrong, limits: { maxConcurrentStreams: -1 } })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
  })
})

describe('what a handler may do on HTTP/2', () => {
  test('the signal of a request that is reset aborts, and its neighbours go on', async () => {
    const aborted = Promise.withResolvers<unknown>()
    const begun = Promise.withResolvers<void>()
    const handler: FetchHandler = async (request) => {
      if (new URL(request.url).pathname !== '/long') return new Response('short')
      const { signal } = request
      signal.addEventListener('abort', () => aborted.resolve(signal.reason))
      begun.resolve()
      await aborted.promise
      return new Response('too late')
    }
    await start({ fetch: handler })
    const session = open(server)
    const stream = session.request({ ':path': '/long' })
    stream.on('error', () => undefined)
    await begun.promise
    stream.close(constants.NGHTTP2_CANCEL)
    expect(await aborted.promise).toMatchObject({ code: 'STREAM_RESET', by: 'peer' })
    expect((await ask(session, { ':path': '/short' })).body).toBe('short')
  })

  test('a handler that throws is a 500, and the connection goes on', async () => {
    const errors: unknown[] = []
    await start({
      onError: (error) => errors.push(error),
      fetch: (request) => {
        if (request.url.endsWith('/throw')) throw new Error('broken')
        return new Response('fine')
      },
    })
    const session = open(server)
    expect(await ask(session, { ':path': '/throw' })).toMatchObject({ status: 500, body: '' })
    expect(await ask(session)).toMatchObject({ status: 200, body: 'fine' })
    expect(errors).toEqual([new Error('broken')])
  })

  test('a body that fails resets its stream alone', async () => {
    await start({
      onError: () => undefined,
      fetch: (request) =>
        request.url.endsWith('/torn')
          ? new Response(
              new ReadableStream({
                start: (controller) => controller.enqueue(Buffer.from('some')),
                pull: () => Promise.reject(new Error('torn')),
              }),
            )
          : new Response('whole'),
    })
    const session = open(server)
    expect(await ask(session, { ':path': '/torn' })).toMatchObject({
      status: 200,
      resetCode: constants.NGHTTP2_INTERNAL_ERROR,
    })
    expect((await ask(session)).body).toBe('whole')
  })

  test('CONNECT: upgrade gives the stream', async () => {
    await start({
      fetch: (request, context) => {
        if (request.method !== 'CONNECT') return new Response('no tunnel')
        const { response, parts } = context.upgrade({ 'x-tunnel': 'yes' })
        void parts.then(({ io }) => {
          const stream = duplexFrom(io)
          stream.on('data', (chunk: Buffer) => stream.write(chunk.toString('latin1').toUpperCase()))
          stream.on('end', () => stream.end())
        })
        return response
      },
    })
    const session = open(server)
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'there:80' })
    const answer = answerOf(stream)
    await once(stream, 'response')
    stream.write('hello ')
    stream.end('tunnel')
    expect(await answer).toMatchObject({ status: 200, headers: { 'x-tunnel': 'yes' }, body: 'HELLO TUNNEL' })
    expect((await ask(session)).body).toBe('no tunnel')
  })

  test('extended CONNECT (RFC 8441): the context says what for', async () => {
    await start({
      http2: { enableConnectProtocol: true },
      fetch: (request, context) => {
        if (context.connectProtocol === null) return new Response('null')
        const { response, parts } = context.upgrade()
        void parts.then(({ io }) => {
          io.start({ onData: () => true, onEnd() {}, onDrain() {}, onWriteError() {}, onClose() {} })
          io.write(`${context.connectProtocol} at ${request.url}`)
          io.end()
        })
        return response
      },
    })
    const session = open(server)
    expect((await ask(session)).body).toBe('null')
    const headers = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat', ':scheme': 'http' }
    expect(await ask(session, headers, '')).toMatchObject({
      status: 200,
      body: `websocket at http://127.0.0.1:${server.port}/chat`,
    })
  })

  test('there is nothing to upgrade to without CONNECT', async () => {
    await start({
      fetch: async (_, context) => {
        const { parts } = context.upgrade()
        return new Response(await parts.then(String, (error: { code: string }) => error.code))
      },
    })
    expect((await ask(open(server))).body).toBe('NO_UPGRADE')
  })

  test('the URL of odd requests', async () => {
    await start({ service: undefined, fetch: (request) => new Response(request.url) })
    const session = open(server)
    const plain = `http://127.0.0.1:${server.port}`
    expect((await ask(session, { ':path': '*', ':method': 'OPTIONS' })).body).toBe(`${plain}/`)
    expect((await ask(session, { ':authority': 'other.test', ':path': '/x' })).body).toBe(
      'http://other.test/x',
    )
  })

  test('completed resolves once the answer is out, and rejects when the stream is reset', async () => {
    const ends: unknown[] = []
    let asked = 0
    await start({
      onError: () => undefined,
      fetch: (request, context) => {
        asked++
        void context.completed.then(
          () => ends.push('sent'),
          (error: { code: string }) => ends.push(error.code),
        )
        return request.url.endsWith('/never') ? new Promise<Response>(() => undefined) : new Response('a')
      },
    })
    const session = open(server)
    await ask(session)
    await eventually(() => ends.length === 1)
    const stream = session.request({ ':path': '/never' })
    stream.on('error', () => undefined)
    await eventually(() => asked === 2)
    stream.close(constants.NGHTTP2_CANCEL)
    await eventually(() => ends.length === 2)
    expect(ends).toEqual(['sent', 'STREAM_RESET'])
  })

  test('maxRequestBodySize: 413, and the connection goes on', async () => {
    await start({
      limits: { maxRequestBodySize: 10 },
      fetch: async (request) => new Response(await request.text()),
    })
    const session = open(server)
    expect(await ask(session, { ':method': 'POST', 'content-length': '11' }, 'x'.repeat(11))).toMatchObject({
      status: 413,
    })
    expect(await ask(session, { ':method': 'POST' }, 'x'.repeat(11))).toMatchObject({ status: 413 })
    expect(await ask(session, { ':method': 'POST' }, 'x'.repeat(10))).toMatchObject({ status: 200 })
    expect(session.closed).toBe(false)
  })

  test('fields of HTTP/1 connections are left out', async () => {
    await start({
      service: () =>
        new HttpResponse('x', {
          headers: new HeaderMap([
            ['connection', 'close'],
            ['keep-alive', 'timeout=1'],
          ]),
        }),
    })
    const { headers, status } = await ask(open(server))
    expect([status, headers['connection'], headers['keep-alive']]).toEqual([200, undefined, undefined])
  })

  test('100 for a client that waits for it, once its body is wanted', async () => {
    await start({ service: (request) => request.text().then((text) => new HttpResponse(text)) })
    const stream = open(server).request({ ':method': 'POST', expect: '100-continue' })
    const answer = answerOf(stream)
    await once(stream, 'continue')
    stream.end('after')
    expect(await answer).toMatchObject({ status: 200, body: 'after' })
  })
})

describe('limits and timeouts on HTTP/2', () => {
  test('maxConcurrentStreams is announced, and kept to', async () => {
    await start({ limits: { maxConcurrentStreams: 2 }, fetch: () => new Response('a') })
    const session = open(server)
    await once(session, 'remoteSettings')
    expect(session.remoteSettings.maxConcurrentStreams).toBe(2)
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(session)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })

  test('maxConcurrentStreams: Infinity is no limit', async () => {
    await start({ limits: { maxConcurrentStreams: Infinity }, fetch: () => new Response('a') })
    expect((await ask(open(server))).status).toBe(200)
  })

  test('maxHeaderSize: 431', async () => {
    await start({ limits: { maxHeaderSize: 1_000 }, fetch: () => new Response('a') })
    const session = open(server)
    expect((await ask(session, { 'x-long': 'x'.repeat(1_000) })).status).toBe(431)
    expect((await ask(session)).status).toBe(200)
  })

  test('maxHeaders: 431', async () => {
    await start({ limits: { maxHeaders: 10 }, fetch: () => new Response('a') })
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, '1']))
    expect((await ask(open(server), many)).status).toBe(431)
  })

  test('maxRequestsPerConnection: GOAWAY, and every request is answered', async () => {
    await start({ limits: { maxRequestsPerConnection: 2 }, fetch: () => new Response('a') })
    const session = open(server)
    const goaway = once(session, 'goaway')
    expect([(await ask(session)).status, (await ask(session)).status]).toEqual([200, 200])
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR)
  })

  test('idle: GOAWAY, and the connection ends', async () => {
    await start({ timeouts: { idle: 1_000 }, fetch: () => new Response('a') })
    const session = open(server)
    const goaway = once(session, 'goaway')
    expect((await ask(session)).status).toBe(200)
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR)
    await eventually(() => server.connections === 0)
  })

  test('handshake: a client of HTTP/2 that never acknowledges our SETTINGS', async () => {
    await start({ timeouts: { handshake: 1_000 }, fetch: () => new Response('a') })
    const wire = await Wire.open(server.port)
    wire.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0')
    await wire.ended()
    // GOAWAY with SETTINGS_TIMEOUT.
    expect(wire.received).toContain('\x07\0\0\0\0\0\0\0\0\0\0\0\0\x04')
    wire.socket.destroy()
  })

  test('receive: a body that stalls costs its stream', async () => {
    await start({
      timeouts: { receive: 100 },
      onError: () => undefined,
      service: (request) => request.text().then((text) => new HttpResponse(text)),
    })
    const session = open(server)
    const stream = session.request({ ':method': 'POST' })
    stream.write('a little')
    expect((await answerOf(stream)).status).not.toBe(200)
    expect((await ask(session)).status).toBe(200)
  })
})
