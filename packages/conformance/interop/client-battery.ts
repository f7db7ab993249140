// What a client is asked to do with every real server, whatever it is. In: where the server is, what it speaks, what it can. Out: tests,
// each with a client of its own. Bytes are compared by SHA-256, connections are counted by the client's own statistics.
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { Client, type ClientOptions, type ClientResponse, CONNECTION, HyperError } from '@hyper/client'
import type { Tracer } from '@hyper/core/trace'
import { nodeConnector } from '@hyper/util/node'
import { makeTestCertificate, testCertificate } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { DATA, sha256, TEXT, type Digest } from './client-origin.ts'

/** How a server is reached. */
export type Speaks = 'h1' | 'h1 over TLS' | 'h2 over TLS' | 'h2c'

/** What is tried. */
export interface Target {
  readonly speaks: Speaks
  readonly port: () => number
  /** Answers while the request still comes. */
  readonly isDuplex?: boolean
  readonly hasTrailers?: boolean
  readonly hasHints?: boolean
  /** Codings that `/text` is answered in; in each a client that takes only this one is served. */
  readonly codings?: readonly string[]
  /** Where bodies of more than 1 MiB are answered with 413. */
  readonly limited?: string
  /** A server that only says 413 once it has read up to its limit has asked for the body first. */
  readonly limitAsksFirst?: boolean
  /** The server that says 413 closes its connection without having said that it would. */
  readonly limitHangsUp?: boolean
  /** Sends 100 to `Expect: 100-continue` before anything of the body has come. Default true. */
  readonly asksForBody?: boolean
  /** What a server says that refuses names which it has no certificate for. */
  readonly unknownName?: string
  /** How many connections 200 requests at once make over HTTP/1. */
  readonly most?: number
}

export const SIZE = 4 * 1024 * 1024
export const TOO_MUCH = 2 * SIZE
const MANY = 200

const clients: Client[] = []

/** A client that trusts the testkit's certificate and speaks what is wanted; aborted after the test. */
export async function clientFor(speaks: Speaks, options: ClientOptions = {}): Promise<Client> {
  const { cert } = await testCertificate()
  const http2 = speaks === 'h2c' ? { priorKnowledge: true } : speaks === 'h2 over TLS'
  const client = new Client({ ca: cert, http2, ...options })
  clients.push(client)
  return client
}

/** Ends the clients of the last test. */
export function endClients(): void {
  for (const client of clients.splice(0)) client.abort()
}

export function isTls(speaks: Speaks): boolean {
  return speaks === 'h1 over TLS' || speaks === 'h2 over TLS'
}

export function urlOf({ port, speaks }: Pick<Target, 'port' | 'speaks'>, path: string): string {
  return `${isTls(speaks) ? 'https' : 'http'}://127.0.0.1:${port()}${path}`
}

/** `DATA` again and again in pieces of changing size, `size` bytes in all. */
export async function* pieces(size: number, onPiece: (sent: number) => void = () => undefined) {
  for (let sent = 0, step = 1; sent < size; step = (step * 31) % 60_000) {
    const from = sent % DATA.length
    const piece = DATA.subarray(from, Math.min(from + step, DATA.length, from + size - sent))
    sent += piece.length
    yield piece
    onPiece(sent)
    // Sources are not always ready.
    if (step % 5 === 0) await turn()
  }
}

/** Reads a body as it comes, with rests. */
export async function digestOf(response: ClientResponse): Promise<{ length: number; sha256: string }> {
  const hash = createHash('sha256')
  let length = 0
  let count = 0
  for await (const chunk of response.body) {
    hash.update(chunk)
    length += chunk.length
    if (++count % 8 === 0) await turn()
  }
  return { length, sha256: hash.digest('hex') }
}

const WHOLE = { length: SIZE, sha256: sha256(DATA.subarray(0, SIZE)) }

/** Declares the tests of one target. */
export function describeTarget(target: Target): void {
  describe(target.speaks, () => {
    afterEach(endClients)
    describe('messages', () => describeMessages(target))
    describe('bodies', () => describeBodies(target))
    describe('connections', () => describeConnections(target))
    if (target.limited !== undefined) describe('413', () => describeLimit(target, target.limited!))
    if (isTls(target.speaks)) describe('TLS', () => describeTlsFailures(target))
  })
}

function describeMessages(target: Target): void {
  const { asksForBody = true, codings = [], speaks } = target
  const url = (path: string): string => urlOf(target, path)
  const isH2 = speaks.startsWith('h2')

  test('GET', async () => {
    const response = await (await clientFor(speaks)).get(url('/hello'))
    expect([response.status, response.version]).toEqual([200, isH2 ? '2' : '1.1'])
    expect(response.extensions.get(CONNECTION)).toMatchObject({
      protocol: isH2 ? 'http2' : 'http1',
      isReused: false,
      attempts: 1,
    })
    expect(await response.text()).toBe('hello\n')
  })

  test('HEAD, and the connection goes on', async () => {
    const client = await clientFor(speaks)
    const response = await client.head(url('/bytes/1000'))
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '1000'])
    expect((await response.bytes()).length).toBe(0)
    expect(await (await client.get(url('/hello'))).text()).toBe('hello\n')
    expect(client.stats().dials).toBe(1)
  })

  test('POST', async () => {
    const response = await (await clientFor(speaks)).post(url('/digest'), { body: 'some text' })
    expect(await response.json()).toEqual({
      method: 'POST',
      length: 9,
      sha256: sha256(Buffer.from('some text')),
    })
  })

  test('redirects: 302, 303 after POST, 307 with its body', async () => {
    const client = await clientFor(speaks)
    expect(await (await client.get(url('/moved'))).text()).toBe('hello\n')
    expect(await (await client.post(url('/see-other'), { body: 'x' })).text()).toBe('hello\n')
    const again = (await (await client.post(url('/again'), { body: 'twice' })).json()) as Digest
    expect([again.method, again.length]).toEqual(['POST', 5])
    expect((await client.get(url('/moved'), { redirect: 'manual' })).status).toBe(302)
  })

  test('Expect: 100-continue', async () => {
    const interim: number[] = []
    const client = await clientFor(speaks)
    const response = await client.post(url('/digest'), {
      body: pieces(100_000),
      // A server that never asks gets the body when the time is over.
      expectContinue: asksForBody ? 20_000 : 50,
      onInformational: (status) => interim.push(status),
    })
    expect(((await response.json()) as Digest).length).toBe(100_000)
    // Some proxies pass on the 100 of who is behind them, after their own.
    if (asksForBody) expect(new Set(interim)).toEqual(new Set([100]))
  })

  for (const coding of codings) {
    test(`${coding} is undone`, async () => {
      const client = await clientFor(speaks)
      const path = url(`/text?coding=${coding}`)
      const raw = await client.get(path, { headers: { 'accept-encoding': coding } })
      expect(raw.headers.get('content-encoding')).toBe(coding)
      expect((await raw.bytes()).length).toBeLessThan(TEXT.length / 2)
      const one = { headers: { 'accept-encoding': coding }, decompress: true }
      for (const options of [one, {}]) {
        const response = await client.get(path, options)
        expect(response.headers.get('content-encoding')).toBe(null)
        expect(await response.text()).toBe(TEXT)
      }
    })
  }

  if (target.hasTrailers === true)
    test('trailers', async () => {
      const headers = { te: 'trailers', ...(isH2 ? {} : { connection: 'te' }) }
      const response = await (await clientFor(speaks)).get(url('/trailers'), { headers })
      const text = await response.text()
      expect(text).toBe('with trailers')
      expect((await response.trailers)?.get('x-checksum')).toBe(sha256(Buffer.from(text)))
    })

  if (target.hasHints === true)
    test('early hints', async () => {
      const hints: unknown[] = []
      const response = await (
        await clientFor(speaks)
      ).get(url('/hints'), {
        onInformational: (status, headers) => hints.push([status, headers.get('link')]),
      })
      expect(await response.text()).toBe('after hints')
      expect(hints).toEqual([[103, '</style.css>; rel=preload']])
    })
}

function describeBodies(target: Target): void {
  const { speaks } = target
  const url = (path: string): string => urlOf(target, path)

  test.each(['bytes', 'stream'])('4 MiB come: /%s', async (route) => {
    const response = await (await clientFor(speaks)).get(url(`/${route}/${SIZE}`))
    expect(await digestOf(response)).toEqual(WHOLE)
  })

  test.each([
    ['as bytes', () => DATA.subarray(0, SIZE)],
    ['as a stream without a length', () => pieces(SIZE)],
  ])('4 MiB go, %s', async (_name, body) => {
    const response = await (await clientFor(speaks)).post(url('/digest'), { body: body() })
    expect(await response.json()).toEqual({ method: 'POST', ...WHOLE })
  })

  test('a stream with its length', async () => {
    const headers = { 'content-length': String(SIZE) }
    const response = await (await clientFor(speaks)).put(url('/digest'), { body: pieces(SIZE), headers })
    expect(await response.json()).toEqual({ method: 'PUT', ...WHOLE })
  })

  if (target.isDuplex === true)
    test('both ways at the same time', async () => {
      let answer = (): void => undefined
      const answered = new Promise<void>((resolve) => (answer = resolve))
      async function* body(): AsyncGenerator<Uint8Array> {
        let isFirst = true
        for await (const piece of pieces(SIZE)) {
          yield piece
          // All but the first piece wait for the head of the response.
          if (isFirst) await answered
          isFirst = false
        }
      }
      const response = await (await clientFor(speaks)).post(url('/echo'), { body: body() })
      answer()
      expect(await digestOf(response)).toEqual(WHOLE)
    })

  test('24 transfers of both directions at once', async () => {
    const client = await clientFor(speaks)
    const size = 256 * 1024
    const digest = { length: size, sha256: sha256(DATA.subarray(0, size)) }
    const work = Array.from({ length: 24 }, async (_, at) => {
      if (at % 2 === 0) return digestOf(await client.get(url(`/stream/${size}`)))
      const answer = await client.post(url('/digest'), { body: pieces(size) })
      const { length, sha256: hash } = (await answer.json()) as Digest
      return { length, sha256: hash }
    })
    expect(await Promise.all(work)).toEqual(work.map(() => digest))
  })
}

function describeConnections(target: Target): void {
  const { most = 20, speaks } = target
  const url = (path: string): string => urlOf(target, path)
  const isH2 = speaks.startsWith('h2')

  test(`${MANY} requests at once, cold: ${isH2 ? 1 : most} sockets`, async () => {
    const client = await clientFor(speaks, { pool: { maxConnectionsPerOrigin: most } })
    const texts = await Promise.all(
      Array.from({ length: MANY }, async () => (await client.get(url('/hello'))).text()),
    )
    expect(new Set(texts)).toEqual(new Set(['hello\n']))
    expect(client.stats()).toMatchObject({ dials: isH2 ? 1 : most, active: 0, pending: 0 })
  })

  test('one after the other: one socket', async () => {
    const client = await clientFor(speaks)
    for (let i = 0; i < 20; i++) {
      expect((await (await client.get(url('/bytes/10'))).bytes()).length).toBe(10)
      expect((await (await client.post(url('/digest'), { body: 'x' })).json()) as Digest).toMatchObject({
        length: 1,
      })
    }
    expect(client.stats()).toMatchObject({ dials: 1, reuses: 39 })
  })

  test('given up in the middle, then the next', async () => {
    let isSent = (): void => undefined
    const sent = new Promise<void>((resolve) => (isSent = resolve))
    const tracer: Tracer = {
      onRequestStart: ({ target }) => {
        if (target.endsWith('/silent')) isSent()
      },
    }
    const client = await clientFor(speaks, { tracer })
    const abandoned = await client.get(url(`/stream/${SIZE}`))
    for await (const chunk of abandoned.body) if (chunk.length > 0) break
    const controller = new AbortController()
    const silent = client.get(url('/silent'), { signal: controller.signal })
    void sent.then(turn).then(() => controller.abort())
    await expect(silent).rejects.toMatchObject({ code: 'CANCELED', phase: 'headers' })
    expect(await (await client.get(url('/hello'))).text()).toBe('hello\n')
    if (isH2) expect(client.stats().dials).toBe(1)
  })
}

function describeLimit(target: Target, path: string): void {
  const { asksForBody = true, limitAsksFirst = false, limitHangsUp = false, speaks } = target
  const url = (): string => urlOf(target, path)

  test.each([
    ['bytes', () => new Uint8Array(TOO_MUCH)],
    ['a stream', () => pieces(TOO_MUCH)],
  ])('is delivered 10 of 10 times while 8 MiB go: %s', async (_name, body) => {
    const client = await clientFor(speaks)
    const statuses: number[] = []
    for (let i = 0; i < 10; i++) {
      const response = await client.post(url(), { body: body() })
      statuses.push(response.status)
      await response.bytes()
      if (limitHangsUp) response.extensions.get(CONNECTION)?.retire()
    }
    expect(statuses).toEqual(Array.from({ length: 10 }, () => 413))
    expect((await client.get(urlOf(target, '/hello'))).status).toBe(200)
  })

  // Who asks for the body before it knows better gets some of it: how much, its speed decides.
  const what = limitAsksFirst ? 'it is delivered, too' : 'nothing is sent'
  test(`with Expect: 100-continue ${what}`, async () => {
    let sent = 0
    const body = pieces(TOO_MUCH, (count) => (sent = count))
    const headers = { 'content-length': String(TOO_MUCH) }
    const client = await clientFor(speaks)
    const response = await client.post(url(), { body, headers, expectContinue: asksForBody ? 20_000 : 50 })
    expect(response.status).toBe(413)
    if (!limitAsksFirst) expect(sent).toBe(0)
  })
}

/** What `code`, `phase`, and code of the cause a failure has. */
export async function failureOf(work: Promise<unknown>): Promise<unknown[]> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof HyperError)) throw new Error('did not fail as it should', { cause: error })
  return [error.code, error.phase, (error.cause as { code?: string } | undefined)?.code]
}

function describeTlsFailures(target: Target): void {
  const { port, speaks, unknownName = 'ERR_TLS_CERT_ALTNAME_INVALID' } = target
  const url = (): string => urlOf(target, '/hello')

  test('an authority that is not trusted', async () => {
    const { cert } = await makeTestCertificate()
    const client = await clientFor(speaks, { ca: cert })
    expect(await failureOf(client.get(url()))).toEqual(['TLS', 'tls', 'DEPTH_ZERO_SELF_SIGNED_CERT'])
  })

  test('another host than the certificate is for', async () => {
    const { cert } = await testCertificate()
    const overrides = { 'other.test': '127.0.0.1' }
    const client = await clientFor(speaks, { connector: nodeConnector({ overrides, tls: { ca: cert } }) })
    const failure = await failureOf(client.get(`https://other.test:${port()}/hello`))
    expect(failure).toEqual(['TLS', 'tls', unknownName])
  })

  test('no version in common', async () => {
    const { cert } = await testCertificate()
    const tls = { ca: cert, maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const
    const client = await clientFor(speaks, { connector: nodeConnector({ tls }) })
    const failure = await failureOf(client.get(url()))
    expect(failure).toEqual(['TLS', 'tls', expect.stringMatching(/ALERT_PROTOCOL_VERSION/)])
  })
}
