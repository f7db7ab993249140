import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from '@hyper/client'
import { HttpResponse } from '@hyper/core/http'
import { serve, type Server } from '@hyper/server'
import { programArguments, testCertificate } from '@hyper/testkit'
import { destinationOf } from '@hyper/util/connect'
import { MemoryListener } from '@hyper/util/memory'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

// What runs on Deno, beside the real Node: its clients against our server, our client against its servers, each in a process of
// its own. And that our own ends are on Deno's sockets.

const root = join(import.meta.dirname, '..', '..', '..')
const node = join(root, 'node_modules', 'node', 'bin', 'node')
const run = promisify(execFile)
const cleanups: (() => unknown)[] = []
const { cert, key } = await testCertificate()
const trust = { NODE_EXTRA_CA_CERTS: '', CERT: cert, KEY: key }

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

beforeAll(() => {
  // Installed with the tool chain.
  if (!existsSync(node)) throw new Error(`there is no ${node}`)
})

/** Runs a module on Node; what it prints. */
async function onNode(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(node, ['--input-type=module', '--eval', program, ...args], {
    env: { ...process.env, ...trust },
    timeout: 25_000,
  })
  return stdout.trim()
}

/** Starts a server on Node, which prints its port. */
async function serverOnNode(program: string): Promise<number> {
  const child = spawn(node, ['--input-type=module', '--eval', program], {
    env: { ...process.env, ...trust },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanups.push(() => child.kill())
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return Number(String(chunk))
}

async function serving(options: { tls?: boolean } = {}): Promise<Server> {
  const server = await serve({
    port: 0,
    hostname: '127.0.0.1',
    ...(options.tls === true ? { tls: { cert, key } } : {}),
    fetch: async (request, { alpnProtocol, encrypted, httpVersion }) =>
      Response.json({ body: (await request.text()).length, alpnProtocol, httpVersion, encrypted }),
  })
  cleanups.push(() => server.close({ deadline: 0 }))
  return server
}

const BODY = 100_000

describe('our server, and the clients of Node', () => {
  test('HTTP/1.1: 20 requests on one connection, with bodies', async () => {
    const server = await serving()
    const answers = await onNode(
      `import { Agent, request } from 'node:http'
       const agent = new Agent({ keepAlive: true, maxSockets: 1 })
       for (let i = 0; i < 20; i++) await new Promise((resolve) => {
         request(process.argv[1], { agent, method: 'POST' }, (response) => {
           let text = ''
           response.on('data', (chunk) => text += chunk).on('end', () => { console.log(text); resolve() })
         }).end('x'.repeat(${BODY}))
       })
       agent.destroy()`,
      server.url,
    )
    const wanted = { body: BODY, alpnProtocol: null, httpVersion: '1.1', encrypted: false }
    expect(new Set(answers.split('\n'))).toEqual(new Set([JSON.stringify(wanted)]))
    expect(answers.split('\n')).toHaveLength(20)
  })

  test('TLS, HTTP/1.1 by ALPN', async () => {
    const server = await serving({ tls: true })
    const answer = await onNode(
      `import { request } from 'node:https'
       request(process.argv[1], { method: 'POST', ca: process.env.CERT, servername: 'localhost', ALPNProtocols: ['http/1.1'] }, (response) =>
         response.pipe(process.stdout)).end('abc')`,
      server.url,
    )
    expect(JSON.parse(answer)).toEqual({
      body: 3,
      alpnProtocol: 'http/1.1',
      httpVersion: '1.1',
      encrypted: true,
    })
  })

  test.each([
    ['cleartext', false],
    ['TLS, by ALPN', true],
  ])('HTTP/2, %s: 100 requests at once, with bodies', async (_, tls) => {
    const server = await serving({ tls })
    const answers = await onNode(
      `import { connect } from 'node:http2'
       const session = connect(process.argv[1], { ca: process.env.CERT, servername: 'localhost' })
       await Promise.all(Array.from({ length: 100 }, () => new Promise((resolve, reject) => {
         const stream = session.request({ ':method': 'POST', ':path': '/' })
         let text = ''
         stream.setEncoding('utf8').on('data', (chunk) => text += chunk).on('end', () => { console.log(text); resolve() }).on('error', reject)
         stream.end('x'.repeat(${BODY}))
       })))
       session.close()`,
      server.url,
    )
    const wanted = {
      body: BODY,
      alpnProtocol: tls ? 'h2' : null,
      httpVersion: '2',
      encrypted: tls,
    }
    expect(new Set(answers.split('\n'))).toEqual(new Set([JSON.stringify(wanted)]))
    expect(answers.split('\n')).toHaveLength(100)
  })
})

describe('our client, and the servers of Node', () => {
  async function get(url: string, options: ConstructorParameters<typeof Client>[0] = {}): Promise<unknown[]> {
    const client = new Client({ proxy: null, ca: cert, ...options })
    cleanups.push(() => client.abort())
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const response = await client.post(url, { body: 'x'.repeat(BODY) })
        return [response.status, response.version, await response.text()].join(' ')
      }),
    )
    return [...new Set(answers)]
  }
  const echo = `(request, response) => {
    let length = 0
    request.on('data', (chunk) => length += chunk.length).on('end', () => response.end(String(length)))
  }`
  const listen = `.listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

  test('HTTP/1.1', async () => {
    const port = await serverOnNode(
      `import { createServer } from 'node:http'; createServer(${echo})${listen}`,
    )
    expect(await get(`http://127.0.0.1:${port}/`)).toEqual([`200 1.1 ${BODY}`])
  })

  test('HTTP/2 by ALPN, and HTTP/1.1 where it is not spoken', async () => {
    const secure = `{ cert: process.env.CERT, key: process.env.KEY }`
    const both = await serverOnNode(
      `import { createSecureServer } from 'node:http2'; createSecureServer(${secure}, ${echo})${listen}`,
    )
    expect(await get(`https://localhost:${both}/`)).toEqual([`200 2 ${BODY}`])
    const old = await serverOnNode(
      `import { createServer } from 'node:https'; createServer(${secure}, ${echo})${listen}`,
    )
    expect(await get(`https://localhost:${old}/`)).toEqual([`200 1.1 ${BODY}`])
  })

  test('HTTP/2 without TLS', async () => {
    const port = await serverOnNode(
      `import { createServer } from 'node:http2'; createServer(${echo})${listen}`,
    )
    const options = { http2: { priorKnowledge: true } }
    expect(await get(`http://127.0.0.1:${port}/`, options)).toEqual([`200 2 ${BODY}`])
  })
})

test('both ends are on Deno’s own sockets', async () => {
  const { Deno } = globalThis as unknown as {
    Deno: Record<'listen' | 'connect', (...args: unknown[]) => unknown>
  }
  const listened = vi.spyOn(Deno, 'listen')
  const connected = vi.spyOn(Deno, 'connect')
  const server = await serving()
  const client = new Client({ proxy: null })
  cleanups.push(() => client.abort())
  expect(await (await client.get(server.url)).json()).toMatchObject({ encrypted: false })
  expect([listened.mock.calls.length, connected.mock.calls.length]).toEqual([1, 1])
  listened.mockRestore()
  connected.mockRestore()
  expect(destinationOf(new URL(server.url)).port).toBe(server.port)
})

const program = `
  import { serve } from '@hyper/server'
  import { Client } from '@hyper/client'
  const server = await serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('Hello, World!') })
  const client = new Client()
  console.log(await (await client.get(server.url)).text())
  await client.close()
  await server.close()`

test('a program ends by itself, once its server and its client are closed', async () => {
  const { stdout } = await run(process.execPath, programArguments(program), {
    cwd: import.meta.dirname,
    timeout: 25_000,
  })
  expect(stdout).toBe('Hello, World!\n')
})

test('no more is asked for than the network: neither the environment nor files', async () => {
  const child = spawn(
    process.execPath,
    [
      ...['run', '--no-prompt', '--allow-net=127.0.0.1', '--conditions=source', '--no-lock'],
      ...['--node-modules-dir=manual', join(root, 'docs', 'examples', 'runtimes.ts')],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const [code] = (await once(child, 'close')) as [number]
  expect([said, code]).toEqual(['200 Hello, World!\n', 0])
})

test('what is published: Deno is given what is for Deno', async () => {
  const { stdout } = await run(
    process.execPath,
    [
      'eval',
      '--no-lock',
      '--node-modules-dir=manual',
      `console.log(import.meta.resolve('@hyper/util/platform'))`,
    ],
    { cwd: import.meta.dirname, timeout: 25_000 },
  )
  expect(stdout.trim()).toMatch(/\/dist\/platform-deno\.js$/)
})

const curl = ['/usr/bin/curl', '/usr/local/bin/curl'].find((place) => existsSync(place))
test.skipIf(curl === undefined)(
  curl === undefined ? 'curl (skipped: it is not on this machine)' : 'curl',
  async () => {
    const [plain, secure] = [await serving(), await serving({ tls: true })]
    const directory = mkdtempSync(join(tmpdir(), 'hyper-deno-'))
    cleanups.push(() => rmSync(directory, { recursive: true, force: true }))
    const trusted = join(directory, 'ca.pem')
    writeFileSync(trusted, cert)
    const ask = async (...words: readonly string[]): Promise<unknown> => {
      const given = ['--silent', '--show-error', '--max-time', '10', '--noproxy', '*', '--data', 'abc']
      return JSON.parse((await run(curl ?? '', [...given, ...words])).stdout)
    }
    const https = `https://localhost:${secure.port}/`
    expect([
      await ask('--http1.1', plain.url),
      await ask('--http2-prior-knowledge', plain.url),
      await ask('--http1.1', '--cacert', trusted, https),
      await ask('--http2', '--cacert', trusted, https),
    ]).toEqual([
      { body: 3, alpnProtocol: null, httpVersion: '1.1', encrypted: false },
      { body: 3, alpnProtocol: null, httpVersion: '2', encrypted: false },
      { body: 3, alpnProtocol: 'http/1.1', httpVersion: '1.1', encrypted: true },
      { body: 3, alpnProtocol: 'h2', httpVersion: '2', encrypted: true },
    ])
  },
)

test('closing finishes what runs, over HTTP/1 and HTTP/2', async () => {
  const gate = Promise.withResolvers<void>()
  let running = 0
  const server = await serve({
    port: 0,
    hostname: '127.0.0.1',
    service: async () => {
      running++
      await gate.promise
      return new HttpResponse('done')
    },
  })
  const clients = [new Client({ proxy: null }), new Client({ proxy: null, http2: { priorKnowledge: true } })]
  const answers = clients.flatMap((client) =>
    Array.from({ length: 5 }, async () => (await client.get(server.url)).text()),
  )
  await expect.poll(() => running).toBe(10)
  const closed = server.close({ deadline: 5_000 })
  gate.resolve()
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['done']))
  await closed
  expect(server.connections).toBe(0)
  for (const client of clients) client.abort()
})

test('1,000 idle connections hold little each, and a clean request is answered beside them', async () => {
  const server = await serving()
  const { Deno } = globalThis as unknown as {
    Deno: {
      connect(to: object): Promise<{
        write(bytes: Uint8Array): Promise<number>
        read(into: Uint8Array): Promise<number>
        close(): void
      }>
      memoryUsage(): { rss: number }
    }
  }
  const request = new TextEncoder().encode('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  const into = new Uint8Array(1_024)
  const conns = []
  const before = Deno.memoryUsage()
  for (let i = 0; i < 1_000; i++) {
    const conn = await Deno.connect({ hostname: '127.0.0.1', port: server.port })
    cleanups.push(() => conn.close())
    await conn.write(request)
    await conn.read(into)
    conns.push(conn)
  }
  const after = Deno.memoryUsage()
  expect(server.connections).toBe(1_000)
  const each = Math.round((after.rss - before.rss) / 1_000)
  console.log(`resident memory per idle connection, both of its ends: ${each} bytes`)
  // Garbage and all; the read buffer is 4 KiB of it.
  expect(each).toBeLessThan(64 * 1_024)
  const client = new Client({ proxy: null })
  cleanups.push(() => client.abort())
  expect((await client.get(server.url)).status).toBe(200)
})

test('tls, tcp and resolver of a client', async () => {
  const server = await serve({
    hostname: '127.0.0.1',
    tls: { cert, key },
    fetch: () => new Response('hello'),
  })
  cleanups.push(() => server.close({ deadline: 0 }))
  const names: string[] = []
  const client = new Client({
    tls: { ca: cert, rejectUnauthorized: true },
    tcp: { noDelay: true },
    resolver: {
      resolve: async (host) => {
        names.push(host)
        return [{ address: '127.0.0.1', family: 4 }]
      },
    },
  })
  cleanups.push(() => client.close())
  const response = await client.get(`https://example.test:${server.port}/`)
  expect([await response.text(), names]).toEqual(['hello', ['example.test']])
  for (const [name, options] of [
    ['tcp.localAddress', { tcp: { localAddress: '127.0.0.1' } }],
    ['tls.ciphers', { tls: { ciphers: 'x' } }],
    ['tls.rejectUnauthorized', { tls: { rejectUnauthorized: false } }],
  ] as const) {
    expect(() => new Client(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }),
    )
  }
})

test('a server without a place: inject, and connections that something else accepts', async () => {
  const connections = new MemoryListener()
  const server = await serve({ connections, fetch: () => new Response('hello') })
  cleanups.push(() => server.close({ deadline: 0 }))
  expect(await (await server.inject('/')).text()).toBe('hello')
  const client = new Client({ connector: async () => connections.connect() })
  cleanups.push(() => client.close())
  expect(await (await client.get('http://anywhere.test/')).text()).toBe('hello')
})
