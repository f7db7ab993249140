// Both ways between Bun and what is not Bun: our server on Bun against the clients of Node, curl and h2load, and our client on Bun
// against the servers of Node. On Bun the built packages run, by the doors of their `exports`.
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { connect as connectHttp2, createSecureServer, createServer as createH2cServer } from 'node:http2'
import { createServer as createTlsServer, request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runtimeMissing, runtimeProgram } from '@hyper/runtimes'
import { testCertificate } from '@hyper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClientRecord } from '../src/reference/client-record.ts'
import { application, DATA, h2Application, listening, type Origin, startOrigin } from './client-origin.ts'
import { findPeer } from './peer.ts'

const run = promisify(execFile)
const missing = runtimeMissing('bun')
const bun = runtimeProgram('bun') ?? ''
const programs = join(import.meta.dirname, '..', 'dist')
const scratch = mkdtempSync(join(tmpdir(), 'hyper-bun-'))
const [ca, key] = [join(scratch, 'cert.pem'), join(scratch, 'key.pem')]
const TLS = { cleartext: false, TLS: true } as const

beforeAll(async () => {
  const certificate = await testCertificate()
  writeFileSync(ca, certificate.cert)
  writeFileSync(key, certificate.key)
})
afterAll(() => rmSync(scratch, { recursive: true }))

test.skipIf(missing === null)(missing ?? 'there is a Bun', () => undefined)

describe.skipIf(missing !== null).each(Object.entries(TLS))('our server on Bun, %s', (_, isTls) => {
  let url: string
  let stop: () => Promise<number | null>

  beforeAll(async () => {
    const words = isTls ? ['--tls-cert', ca, '--tls-key', key] : []
    const child = spawn(bun, [join(programs, 'reference-server.js'), '--port', '0', ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once((child.stdout as Readable).setEncoding('utf8'), 'data')) as [string]
    url = line.trim().slice('listening on '.length).replace('127.0.0.1', 'localhost').replace(/\/$/, '')
    stop = async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      return (await ended)[0] as number | null
    }
  })
  afterAll(async () => {
    expect(await stop()).toBe(0)
  })

  test('node:http and node:https, on one connection', async () => {
    const { cert } = await testCertificate()
    const agent = isTls ? false : new HttpAgent({ keepAlive: true, maxSockets: 1 })
    for (let round = 0; round < 20; round++) {
      const body = DATA.subarray(0, 1 + round * 9_001)
      const request = (isTls ? httpsRequest : httpRequest)(`${url}/echo`, {
        method: 'POST',
        family: 4,
        ...(isTls ? { ca: cert } : { agent }),
      } as object)
      request.end(body)
      const [response] = (await once(request, 'response')) as [Readable]
      expect(Buffer.concat(await response.toArray()).equals(body)).toBe(true)
    }
    if (agent !== false) agent.destroy()
  })

  test('node:http2: a hundred streams at a time, and a large body each way', async () => {
    const { cert } = await testCertificate()
    const session = connectHttp2(url, { ca: cert, family: 4 } as object)
    const ask = async (body: Uint8Array): Promise<Buffer> => {
      const stream = session.request({ ':path': '/echo', ':method': 'POST' })
      stream.end(body)
      return Buffer.concat((await stream.toArray()) as Buffer[])
    }
    const bodies = Array.from({ length: 100 }, (_one, at) => DATA.subarray(at, at + 1_000))
    const answers = await Promise.all(bodies.map(ask))
    expect(answers.every((answer, at) => answer.equals(bodies[at] ?? new Uint8Array()))).toBe(true)
    expect((await ask(DATA)).equals(DATA)).toBe(true)
    session.close()
  })

  const curl = findPeer('curl')
  test.skipIf(curl === undefined).each([
    ['HTTP/1.1', '--http1.1', '1.1'],
    ['HTTP/2', isTls ? '--http2' : '--http2-prior-knowledge', '2'],
  ])('curl (skipped where it is not on the machine): %s', async (_name, how, version) => {
    const ask = async (path: string, ...words: string[]): Promise<string> => {
      const args = ['-sS', '-4', '--max-time', '20', '--cacert', ca, how, ...words, `${url}${path}`]
      return (await run(curl ?? '', args)).stdout
    }
    expect(await ask('/', '--write-out', ' %{http_version}')).toBe(`Hello, World! ${version}`)
    expect(await ask('/echo', '--data-binary', 'x'.repeat(100_000))).toBe('x'.repeat(100_000))
    const size = ['-o', '/dev/null', '--write-out', '%{size_download}']
    expect(await ask('/bytes/100000000', ...size)).toBe('100000000')
    expect(await ask('/early-hints', '--include')).toMatch(/^HTTP\/\S+ 103 /)
  })

  const h2load = findPeer('h2load')
  test.skipIf(h2load === undefined)('h2load (skipped where it is not on the machine)', async () => {
    const { stdout } = await run(h2load ?? '', ['-n', '5000', '-c', '8', '-m', '32', `${url}/`])
    expect(stdout).toContain('5000 succeeded, 0 failed, 0 errored, 0 timeout')
  })
})

describe.skipIf(missing !== null)('our client on Bun', () => {
  const servers: [string, string[], () => Promise<Origin>][] = [
    ['node:http', [], () => startOrigin()],
    ['node:https', [], async () => listening(createTlsServer(await testCertificate(), application))],
    ['node:http2', ['--http2'], async () => listening(createH2cServer(h2Application))],
    [
      'node:http2 over TLS',
      ['--http2'],
      async () => listening(createSecureServer(await testCertificate(), h2Application)),
    ],
  ]

  async function ask(words: readonly string[]): Promise<ClientRecord[]> {
    const { stdout } = await run(bun, [join(programs, 'reference-client.js'), '--ca', ca, ...words])
    return stdout
      .trim()
      .split('\n')
      .map((json) => JSON.parse(json) as ClientRecord)
  }

  test.each(servers)('%s', async (name, how, start) => {
    const origin = await start()
    const url = `${/TLS|https/.test(name) ? 'https' : 'http'}://localhost:${origin.port}`
    try {
      const plain = await ask([...how, '--repeat', '5', '--parallel', '20', `${url}/bytes/70000`])
      const hash = createHash('sha256').update(DATA.subarray(0, 70_000)).digest('hex')
      expect(plain.length).toBeGreaterThanOrEqual(5)
      for (const { bodySha256, error, status } of plain)
        expect({ bodySha256, error, status }).toEqual({ bodySha256: hash, error: null, status: 200 })
      const body = 'x'.repeat(300_000)
      const file = join(scratch, 'body')
      writeFileSync(file, body)
      const [echo] = await ask([...how, '--body-file', file, `${url}/echo`])
      expect(echo?.bodySha256).toBe(createHash('sha256').update(body).digest('hex'))
      const [hints] = await ask([...how, `${url}/hints`])
      expect(hints?.informational.map(({ status }) => status)).toEqual([103])
      const [trailers] = await ask([...how, '-H', 'te: trailers', `${url}/trailers`])
      expect(trailers?.trailers?.map(([field]) => field)).toEqual(['x-checksum'])
    } finally {
      origin.close()
    }
  })

  test('a server whose certificate is not trusted, and one that is not there', async () => {
    const origin = await listening(createTlsServer(await testCertificate(), application))
    const { stdout } = await run(bun, [
      join(programs, 'reference-client.js'),
      `https://localhost:${origin.port}/hello`,
    ]).catch((error: { stdout: string }) => error)
    expect((JSON.parse(stdout) as ClientRecord).error).toMatchObject({ code: 'TLS', phase: 'tls' })
    origin.close()
    const [gone] = await ask([`http://127.0.0.1:${origin.port}/hello`]).catch((error: { stdout: string }) =>
      error.stdout
        .trim()
        .split('\n')
        .map((json) => JSON.parse(json) as ClientRecord),
    )
    expect(gone?.error).toMatchObject({ code: 'CONNECT', phase: 'connect' })
  })
})
