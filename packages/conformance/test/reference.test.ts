// The reference server and client as programs of their own: what they print, and how they end.
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClientRecord } from '../src/reference/client-record.ts'

const source = join(import.meta.dirname, '..', 'src')
const scratch = mkdtempSync(join(tmpdir(), 'hyper-reference-'))
let server: ChildProcess
let origin: string

function start(program: string, args: readonly string[]): ChildProcess {
  const words = ['--conditions=source', join(source, `${program}.ts`), ...args]
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
  })
}

async function finish(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

async function client(...args: string[]): Promise<{ code: number | null; records: ClientRecord[] }> {
  const words = args.map((word) => (word.startsWith('/') && !word.startsWith(scratch) ? origin + word : word))
  const { code, out } = await finish(start('reference-client', words))
  const records = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ClientRecord)
  return { code, records }
}

async function one(...args: string[]): Promise<ClientRecord> {
  const { records } = await client(...args)
  expect(records).toHaveLength(1)
  return records[0]!
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

beforeAll(async () => {
  server = start('reference-server', ['--port', '0', '--quiet'])
  const line = await firstLine(server)
  expect(line).toMatch(/^listening on http:\/\/127\.0\.0\.1:[0-9]+/)
  origin = line.slice('listening on '.length).replace(/\/$/, '')
})

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
  server.kill('SIGKILL')
})

test('/ says hello', async () => {
  const record = await one('/')
  expect(record).toMatchObject({
    status: 200,
    version: '1.1',
    bodyLength: 13,
    error: null,
    informational: [],
  })
  expect(record.bodySha256).toBe(sha256('Hello, World!'))
  expect(record.headers).toContainEqual(['content-type', 'text/plain'])
  expect(record.timings.total).toBeGreaterThanOrEqual(record.timings.headers ?? Infinity)
})

test('/echo gives a body from a file back, by length', async () => {
  const file = join(scratch, 'body')
  writeFileSync(file, 'x'.repeat(200_000))
  const record = await one('--body-file', file, '/echo')
  expect(record).toMatchObject({
    status: 200,
    method: 'POST',
    bodyLength: 200_000,
    bodySha256: sha256('x'.repeat(200_000)),
  })
  expect(record.headers).toContainEqual(['content-length', '200000'])
})

test('/echo turns request trailers into response trailers', async () => {
  const record = await one('--body', 'hello', '--chunked', '--trailer', 'x-check: 42', '/echo')
  expect(record).toMatchObject({ status: 200, bodyLength: 5, trailers: [['x-check', '42']] })
})

test('/inspect says what arrived', async () => {
  const record = await one('--show', '--method', 'PUT', '-H', 'X-One: 1', '--body', 'abc', '/inspect?q')
  const seen = JSON.parse(record.text ?? '') as Record<string, unknown>
  expect(seen).toMatchObject({
    method: 'PUT',
    target: '/inspect?q',
    version: '1.1',
    bodyLength: 3,
    trailers: [],
  })
  expect(seen['headers']).toContainEqual(['x-one', '1'])
})

test('/bytes/N has a known length, long or short', async () => {
  expect(await one('/bytes/10')).toMatchObject({ bodyLength: 10, bodySha256: sha256('abcdefghij') })
  const long = await one('/bytes/1000000')
  expect(long.bodyLength).toBe(1_000_000)
  expect(long.headers).toContainEqual(['content-length', '1000000'])
  expect(long.bodySha256).toBe(sha256('abcdefghijklmnopqrstuvwxyz'.repeat(38_462).slice(0, 1_000_000)))
})

test('/stream/N has no length', async () => {
  const record = await one('--show', '/stream/3')
  expect(record.text).toBe('chunk 1\nchunk 2\nchunk 3\n')
  expect(record.headers).toContainEqual(['transfer-encoding', 'chunked'])
})

test('/status/CODE answers with it', async () => {
  expect(await one('/status/418')).toMatchObject({ status: 418 })
  expect(await one('/status/204')).toMatchObject({ status: 204, bodyLength: 0 })
})

test('/delay/MS waits', async () => {
  expect((await one('/delay/120')).timings.headers).toBeGreaterThanOrEqual(119)
})

test('/trailers come when asked for', async () => {
  expect((await one('-H', 'TE: trailers', '/trailers')).trailers).toEqual([
    ['x-lines', '3'],
    ['x-done', 'yes'],
  ])
})

test('/early-hints gives 103, then 200', async () => {
  const record = await one('/early-hints')
  expect(record.status).toBe(200)
  expect(record.informational).toEqual([
    { status: 103, headers: [['link', '</style.css>; rel=preload; as=style']] },
  ])
})

test('/discard counts, /ignore does not', async () => {
  expect((await one('--show', '--body', 'hello', '/discard')).text).toBe('5\n')
  expect((await one('--show', '--body', 'hello', '/ignore')).text).toBe('ignored POST\n')
})

test('/throw is a 500', async () => {
  expect(await one('/throw')).toMatchObject({ status: 500 })
})

test('/reset is an error with a code and a phase, after 1 KiB', async () => {
  const { code, records } = await client('/reset')
  expect(code).toBe(1)
  expect(records[0]).toMatchObject({ status: 200, bodyLength: 1_024, error: { phase: 'body' } })
})

test('--upgrade talks raw', async () => {
  expect(await one('--show', '--upgrade', 'echo', '--body', 'raw words', '/upgrade')).toMatchObject({
    status: 101,
    text: 'raw words',
  })
  expect(await one('--upgrade', 'other', '/upgrade')).toMatchObject({ status: 426 })
})

test('--repeat and --parallel send so many', async () => {
  const { code, records } = await client('--repeat', '20', '--parallel', '4', '/')
  expect(code).toBe(0)
  expect(records.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
})

test('nobody there is an error with a code', async () => {
  const record = await one('http://127.0.0.1:1/')
  expect(record).toMatchObject({ status: null, error: { code: 'CONNECT', phase: 'connect' } })
})

test('a wrong command line says how it should be', async () => {
  const { code, err } = await finish(start('reference-client', ['--repeat', 'x', 'http://127.0.0.1/']))
  expect(code).toBe(2)
  expect(err).toContain('usage: reference-client')
})

test('SIGTERM drains: what runs is answered, then it exits 0', async () => {
  const child = start('reference-server', ['--port', '0'])
  const port = Number(/:([0-9]+)/.exec((await firstLine(child)).replace('http://', ''))?.[1])
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /delay/300 HTTP/1.1\r\nHost: a\r\n\r\n')
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await new Promise((resolve) => setTimeout(resolve, 100))
  child.kill('SIGTERM')
  const code = await new Promise((resolve) => child.once('exit', resolve))
  expect(code).toBe(0)
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*waited 300 ms\n$/)
})
