// One request of the reference client. In: a client and what to send. Out: one flat record, ready to be printed as JSON.
// It never rejects: a failure is a record too.
import { createHash } from 'node:crypto'
import type { Client } from '@hyper/client'
import { HyperError } from '@hyper/core/error'
import { upgraded } from '@hyper/core/h1'
import { HeaderMap, type HttpResponse } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import type { ClientArguments } from './client-arguments.ts'

type Fields = readonly (readonly [string, string])[]

/** What became of one request; times in milliseconds since it was begun. */
export interface ClientRecord {
  readonly url: string
  readonly method: string
  readonly status: number | null
  readonly reason: string | null
  readonly version: string | null
  readonly headers: Fields
  readonly informational: readonly { readonly status: number; readonly headers: Fields }[]
  readonly bodyLength: number
  readonly bodySha256: string | null
  readonly trailers: Fields | null
  readonly error: { readonly code: string; readonly phase: string | null; readonly message: string } | null
  readonly timings: { readonly headers: number | null; readonly total: number }
  readonly text?: string
}

// How long a switched connection may be silent before we take its answer as complete.
const QUIET = 200

/** Sends one request and reads the whole answer. */
export async function sendOne(client: Client, args: ClientArguments): Promise<ClientRecord> {
  const startedAt = performance.now()
  const informational: { status: number; headers: Fields }[] = []
  const hash = createHash('sha256')
  const parts: Uint8Array[] = []
  let response: HttpResponse | null = null
  let headersAt: number | null = null
  let bodyLength = 0
  let trailers: Fields | null = null
  let failure: unknown = null
  const take = (chunk: Uint8Array): void => {
    bodyLength += chunk.length
    hash.update(chunk)
    if (args.show) parts.push(chunk.slice())
  }
  try {
    const asked = requestOf(args, (status, headers) => informational.push({ status, headers: [...headers] }))
    const isExtended = args.http2 && args.upgrade !== null
    response = isExtended ? await extended(client, args, asked) : await client.request(args.url, asked)
    headersAt = round(performance.now() - startedAt)
    if (hasSwitched(response, args)) await talkRaw(response, args.body, take)
    else trailers = await readAll(response, take)
  } catch (error) {
    failure = error
  }
  return {
    url: args.url,
    method: args.method,
    status: response?.status ?? null,
    reason: response?.reason ?? null,
    version: response?.version ?? null,
    headers: response === null ? [] : [...response.headers],
    informational,
    bodyLength,
    bodySha256: response === null ? null : hash.digest('hex'),
    trailers,
    error: failure === null ? null : describeError(failure),
    timings: { headers: headersAt, total: round(performance.now() - startedAt) },
    ...(args.show ? { text: Buffer.concat(parts).toString('utf8') } : {}),
  }
}

type RequestOptions = NonNullable<Parameters<Client['request']>[1]>

function requestOf(
  args: ClientArguments,
  onInformational: (status: number, headers: HeaderMap) => void,
): RequestOptions {
  const headers = new HeaderMap(args.headers)
  if (args.upgrade !== null) {
    headers.append('connection', 'upgrade')
    headers.append('upgrade', args.upgrade)
  }
  if (args.trailers.length > 0 && !headers.has('te')) headers.append('te', 'trailers')
  const { method, timeout } = args
  const body = args.upgrade === null ? bodyOf(args) : null
  const trailers = args.trailers.length > 0 ? new HeaderMap(args.trailers) : undefined
  const timeouts = timeout === null ? undefined : { headers: timeout }
  return { method, headers, body, trailers, onInformational, timeouts }
}

// HTTP/1.1 says 101; HTTP/2 says 2xx to an extended CONNECT (RFC 8441 §5).
function hasSwitched(response: HttpResponse, args: ClientArguments): boolean {
  if (!args.http2 || args.upgrade === null) return response.status === 101
  return response.status >= 200 && response.status < 300
}

/** Over HTTP/2 a switch is an extended CONNECT, which has neither Connection nor Upgrade (RFC 8441 §4). */
async function extended(
  client: Client,
  { upgrade, url }: ClientArguments,
  asked: RequestOptions,
): Promise<HttpResponse> {
  const { method: _, ...rest } = asked
  return (await client.upgrade(url, { ...rest, protocol: upgrade ?? '', http2: true })).response
}

function bodyOf(args: ClientArguments): Uint8Array | AsyncIterable<Uint8Array> | null {
  const { body } = args
  if (body === null || !args.chunked) return body
  return (async function* pieces() {
    yield body
  })()
}

async function readAll(response: HttpResponse, take: (chunk: Uint8Array) => void): Promise<Fields | null> {
  for await (const chunk of response.body) take(chunk)
  const trailers = await response.trailers
  return trailers === null ? null : [...trailers]
}

async function talkRaw(
  response: HttpResponse,
  body: Uint8Array | null,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const { io, leftover } = await upgraded(response)
  if (leftover.length > 0) take(leftover)
  if (body !== null) io.write(body)
  await readUntilQuiet(io, take)
  io.end()
}

function readUntilQuiet(io: Io, take: (chunk: Uint8Array) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, QUIET)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    io.start({
      onData: (chunk) => {
        take(chunk)
        timer.refresh()
        return false
      },
      onEnd: done,
      onDrain: () => undefined,
      onWriteError: done,
      onClose: done,
    })
  })
}

function describeError(error: unknown): ClientRecord['error'] {
  if (error instanceof HyperError) return { code: error.code, phase: error.phase, message: error.message }
  return { code: 'UNKNOWN', phase: null, message: error instanceof Error ? error.message : String(error) }
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100
}
