// The platform's own HTTP/2 client behind the shape that the client probes want.
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import type { H2FetchOne } from '../../src/h2-client-probes/index.ts'

/** A fresh client with one connection. */
export function makeNodeH2Client(): { fetchOne: H2FetchOne; close: () => Promise<void> } {
  let session: ClientHttp2Session | null = null
  const fetchOne: H2FetchOne = (origin, { method, path, headers, body }) =>
    new Promise((resolve) => {
      if (session === null) {
        session = connect(origin)
        session.on('error', () => undefined)
      }
      const informational: number[] = []
      let status: number | null = null
      let text = ''
      let trailers: [string, string][] = []
      let error: string | null = null
      const done = (): void =>
        resolve({
          status,
          body: text,
          headers: [],
          informational,
          trailers,
          error: error ?? (status === null ? 'no head' : null),
        })
      try {
        const stream = session.request(
          { ':method': method, ':path': path, ...Object.fromEntries(headers) },
          { endStream: body === '' },
        )
        stream.on('headers', (list: IncomingHttpHeaders) => informational.push(Number(list[':status'])))
        stream.on('response', (list: IncomingHttpHeaders) => (status = Number(list[':status'])))
        stream.on('trailers', (list: IncomingHttpHeaders) => {
          trailers = Object.entries(list).map(([name, value]) => [name, String(value)])
        })
        stream.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
        stream.on('error', (failure: NodeJS.ErrnoException) => (error = `${failure.code} ${failure.message}`))
        stream.on('aborted', () => (error ??= 'aborted'))
        stream.on('close', done)
        if (body !== '') stream.end(body, 'latin1')
      } catch (failure) {
        error = String(failure)
        done()
      }
    })
  return {
    fetchOne,
    close: () => {
      session?.destroy()
      return Promise.resolve()
    },
  }
}
