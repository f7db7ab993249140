import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { testCertificate } from '@hyper/testkit'
import type { Server } from '../src/index.ts'

// node:http2's client, with what a test wants to know of an answer in one object.

/** Fields by name, pseudo-header fields among them. */
export type Fields = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers: Fields
  readonly informational: Fields[]
  readonly trailers: Fields | null
  readonly body: string
  readonly resetCode: number
}

const { cert } = await testCertificate()
const sessions: ClientHttp2Session[] = []

/** A session that does not trouble the test when it is cut off. */
export function open(server: Server, servername?: string): ClientHttp2Session {
  const { port, url } = server
  const session = url.startsWith('https')
    ? connect(`https://${servername ?? '127.0.0.1'}:${port}`, { ca: cert, host: '127.0.0.1' })
    : connect(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  sessions.push(session)
  return session
}

export function closeSessions(): void {
  for (const session of sessions.splice(0)) session.destroy()
}

/** Sends a request, with a body and trailers if they are given, and reads everything that comes back. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders = {},
  body?: string | Uint8Array,
  trailers?: OutgoingHttpHeaders,
): Promise<Answer> {
  const stream = session.request(headers, {
    endStream: body === undefined,
    waitForTrailers: trailers !== undefined,
  })
  if (trailers !== undefined) stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  if (body !== undefined) stream.end(body)
  return answerOf(stream)
}

export async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let head: Fields = {}
  let trailers: Fields | null = null
  let body = ''
  const informational: Fields[] = []
  stream.setEncoding('utf8')
  stream.on('headers', (fields) => informational.push(fields))
  stream.on('response', (fields) => (head = fields))
  stream.on('trailers', (fields) => (trailers = { ...fields }))
  stream.on('data', (text: string) => (body += text))
  stream.on('error', () => undefined)
  await new Promise<void>((resolve) => stream.on('close', resolve))
  return {
    status: Number(head[':status'] ?? 0),
    headers: head,
    informational,
    trailers,
    body,
    resetCode: stream.rstCode,
  }
}
