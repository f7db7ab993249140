import { once } from 'node:events'
import { request as nodeRequest } from 'node:http'
import { connect as connectH2 } from 'node:http2'
import { Client } from '@hyper/client'

// The clients that frameworks are asked by: ours and Node's, over HTTP/1.1 and HTTP/2 without TLS.

export interface Question {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly trailers: Readonly<Record<string, string>>
}

export interface Asker {
  readonly name: string
  readonly version: '1.1' | '2.0'
  ask(origin: string, question: Question): Promise<Reply>
  close(): Promise<void> | void
}

export function fourClients(): Asker[] {
  return [ours('1.1'), ours('2.0'), nodeHttp(), nodeHttp2()]
}

function ours(version: '1.1' | '2.0'): Asker {
  const client = new Client(version === '1.1' ? {} : { http2: { priorKnowledge: true } })
  return {
    name: `our client over HTTP/${version}`,
    version,
    async ask(origin, { body, headers = {}, method = 'GET', path }) {
      const response = await client.request(`${origin}${path}`, {
        method,
        headers: { te: 'trailers', ...headers },
        body: body ?? null,
        redirect: 'manual',
        decompress: false,
      })
      const bytes = Buffer.from(await response.bytes())
      const trailers = await response.trailers
      return {
        status: response.status,
        headers: Object.fromEntries(
          [...response.headers.keys()].map((name) => [name, response.headers.get(name)!]),
        ),
        body: bytes,
        trailers: Object.fromEntries(trailers ?? []),
      }
    },
    close: () => client.close(),
  }
}

function nodeHttp(): Asker {
  return {
    name: 'node:http',
    version: '1.1',
    async ask(origin, { body, headers = {}, method = 'GET', path }) {
      const request = nodeRequest(`${origin}${path}`, { method, headers: { te: 'trailers', ...headers } })
      request.end(body)
      const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
      const chunks: Buffer[] = []
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
      return {
        status: response.statusCode!,
        headers: joined(response.headers),
        body: Buffer.concat(chunks),
        trailers: response.trailers as Record<string, string>,
      }
    },
    close: () => {},
  }
}

function nodeHttp2(): Asker {
  const sessions = new Map<string, ReturnType<typeof connectH2>>()
  return {
    name: 'node:http2',
    version: '2.0',
    async ask(origin, { body, headers = {}, method = 'GET', path }) {
      let session = sessions.get(origin)
      if (session === undefined || session.closed || session.destroyed) {
        session = connectH2(origin)
        sessions.set(origin, session)
      }
      const stream = session.request({ ':method': method, ':path': path, ...headers })
      let trailers: Record<string, string> = {}
      stream.on('trailers', (fields: Record<string, string>) => (trailers = joined(fields)))
      stream.end(body)
      const [fields] = (await once(stream, 'response')) as [Record<string, string | string[] | number>]
      const chunks: Buffer[] = []
      for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
      return {
        status: Number(fields[':status']),
        headers: joined(fields),
        body: Buffer.concat(chunks),
        trailers,
      }
    },
    close: () => {
      for (const session of sessions.values()) session.close()
    },
  }
}

function joined(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  )
}

/** A port and an origin for a server of `createServer`, once it listens. */
export async function originOf(server: import('node:http').Server): Promise<string> {
  if (!server.listening || server.address() === null) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as import('node:net').AddressInfo).port}`
}
