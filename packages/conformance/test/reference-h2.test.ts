// Every route of the reference server over HTTP/2, cleartext and TLS, with the reference client's own way to ask.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve, type Server } from '@hyper/server'
import { testCertificate } from '@hyper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readArguments } from '../src/reference/client-arguments.ts'
import { clientFor } from '../src/reference/client-for.ts'
import { type ClientRecord, sendOne } from '../src/reference/client-record.ts'
import { referenceService } from '../src/reference/service.ts'

const certificate = await testCertificate()
const scratch = mkdtempSync(join(tmpdir(), 'hyper-reference-h2-'))
const ca = join(scratch, 'ca.pem')
writeFileSync(ca, certificate.cert)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

describe.each([
  ['h2c', undefined],
  ['TLS', certificate],
] as const)('%s', (_, tls) => {
  let server: Server

  beforeAll(async () => {
    server = await serve({
      hostname: '127.0.0.1',
      tls,
      service: referenceService,
      http2: { enableConnectProtocol: true },
      onError: () => undefined,
    })
  })
  afterAll(() => server.close({ deadline: 0 }))

  async function one(...words: string[]): Promise<ClientRecord> {
    const path = words.pop() ?? '/'
    const args = readArguments(['--http2', '--ca', ca, ...words, server.url.replace(/\/$/, '') + path])
    const client = clientFor(args)
    const record = await sendOne(client, args)
    await client.close()
    return record
  }

  test('/ says hello', async () => {
    const record = await one('/')
    expect(record).toMatchObject({ status: 200, version: '2', bodyLength: 13, error: null, reason: null })
    expect(record.bodySha256).toBe(sha256('Hello, World!'))
    expect(record.headers).toContainEqual(['content-type', 'text/plain'])
  })

  test('/echo gives a body back, and trailers', async () => {
    const body = 'x'.repeat(200_000)
    expect(await one('--body', body.slice(0, 100_000), '/echo')).toMatchObject({ bodyLength: 100_000 })
    const record = await one('--body', 'hello', '--chunked', '--trailer', 'x-check: 42', '/echo')
    expect(record).toMatchObject({ status: 200, bodyLength: 5, trailers: [['x-check', '42']] })
    const file = join(scratch, 'body')
    writeFileSync(file, body)
    expect(await one('--body-file', file, '/echo')).toMatchObject({ bodySha256: sha256(body) })
  })

  test('/echo with Expect sends 100 first', async () => {
    const record = await one('-H', 'expect: 100-continue', '--chunked', '--body', 'hello', '/echo')
    expect(record).toMatchObject({ status: 200, bodyLength: 5 })
  })

  test('/inspect says what arrived', async () => {
    const record = await one('--show', '--method', 'PUT', '-H', 'X-One: 1', '--body', 'abc', '/inspect?q')
    const seen = JSON.parse(record.text ?? '') as Record<string, unknown>
    expect(seen).toMatchObject({
      method: 'PUT',
      target: '/inspect?q',
      version: '2',
      authority: `127.0.0.1:${server.port}`,
      bodyLength: 3,
      trailers: [],
    })
    expect(seen['headers']).toContainEqual(['x-one', '1'])
  })

  test('/bytes/N and /stream/N', async () => {
    expect(await one('/bytes/10')).toMatchObject({ bodyLength: 10, bodySha256: sha256('abcdefghij') })
    const long = await one('/bytes/5000000')
    expect(long).toMatchObject({ bodyLength: 5_000_000, error: null })
    expect(long.headers).toContainEqual(['content-length', '5000000'])
    expect((await one('--show', '/stream/3')).text).toBe('chunk 1\nchunk 2\nchunk 3\n')
  })

  test('/status/CODE, HEAD, and what is not there', async () => {
    expect(await one('/status/418')).toMatchObject({ status: 418 })
    expect(await one('/status/204')).toMatchObject({ status: 204, bodyLength: 0 })
    expect(await one('--method', 'HEAD', '/bytes/10')).toMatchObject({ status: 200, bodyLength: 0 })
    expect(await one('/nowhere')).toMatchObject({ status: 404 })
  })

  test('/delay/MS, /discard, /ignore', async () => {
    expect(await one('/delay/20')).toMatchObject({ status: 200 })
    expect((await one('--show', '--body', 'hello', '/discard')).text).toBe('5\n')
    expect((await one('--show', '--body', 'hello', '/ignore')).text).toBe('ignored POST\n')
  })

  test('/trailers and /early-hints', async () => {
    expect((await one('/trailers')).trailers).toEqual([
      ['x-lines', '3'],
      ['x-done', 'yes'],
    ])
    const hinted = await one('/early-hints')
    expect([hinted.status, hinted.informational]).toEqual([
      200,
      [{ status: 103, headers: [['link', '</style.css>; rel=preload; as=style']] }],
    ])
  })

  test('/throw is a 500, /reset an error after 1 KiB', async () => {
    expect(await one('/throw')).toMatchObject({ status: 500, error: null })
    expect(await one('/reset')).toMatchObject({
      status: 200,
      bodyLength: 1_024,
      error: { code: 'STREAM_RESET' },
    })
  })

  test('/upgrade by extended CONNECT', async () => {
    expect(await one('--show', '--upgrade', 'echo', '--body', 'raw words', '/upgrade')).toMatchObject({
      status: 200,
      error: null,
      text: 'raw words',
    })
    expect(await one('/upgrade')).toMatchObject({ status: 426 })
  })

  test('many requests share one connection', async () => {
    const args = readArguments(['--http2', '--ca', ca, server.url])
    const client = clientFor(args)
    const records = await Promise.all(Array.from({ length: 20 }, () => sendOne(client, args)))
    expect(records.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(server.connections).toBe(1)
    await client.close()
  })
})

test('a server that does not speak it is an error with a code', async () => {
  const server = await serve({
    hostname: '127.0.0.1',
    http2: false,
    tls: certificate,
    service: referenceService,
  })
  const args = readArguments(['--http2', '--ca', ca, server.url])
  expect(await sendOne(clientFor(args), args)).toMatchObject({ status: null, error: { code: 'TLS' } })
  await server.close({ deadline: 0 })
})

test('--http1 and --http2 exclude each other', () => {
  expect(() => readArguments(['--http1', '--http2', 'http://a/'])).toThrow('exclude')
})

test('the programs: --http2 by ALPN', async () => {
  const key = join(scratch, 'key.pem')
  writeFileSync(key, certificate.key)
  const program = (name: string, ...words: string[]) =>
    spawn(
      process.execPath,
      ['--conditions=source', join(import.meta.dirname, '..', 'src', `${name}.ts`), ...words],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
  const server = program('reference-server', '--port', '0', '--tls-cert', ca, '--tls-key', key)
  try {
    const [line] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string]
    const url = line.trim().slice('listening on '.length)
    const client = program('reference-client', '--http2', '--ca', ca, '--repeat', '3', url)
    const text = (await client.stdout.setEncoding('utf8').toArray()).join('')
    const records = text
      .trim()
      .split('\n')
      .map((json) => JSON.parse(json) as ClientRecord)
    expect(records.map(({ status, version }) => [status, version])).toEqual([
      [200, '2'],
      [200, '2'],
      [200, '2'],
    ])
  } finally {
    server.kill('SIGKILL')
  }
})
