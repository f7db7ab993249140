// Our HTTP/2 client, a connection at a time, behind the shape that the client probes want.
import { h2 } from '@hyper/core'
import { HyperError } from '@hyper/core/error'
import { Extensions, HttpRequest } from '@hyper/core/http'
import { destinationOf } from '@hyper/util/connect'
import { connector, createRuntime } from '@hyper/util/platform'
import type { ClientOutcome } from '../../src/client-probes/index.ts'
import type { H2FetchOne } from '../../src/h2-client-probes/index.ts'

const runtime = createRuntime({ onError: () => undefined })
const dial = connector({ runtime })
const NOTHING: ClientOutcome = {
  status: null,
  body: '',
  headers: [],
  informational: [],
  trailers: [],
  error: null,
}

type Handshake = ReturnType<typeof h2.handshake>

/** A fresh client with one connection. */
export function makeOurH2Client(): { fetchOne: H2FetchOne; close: () => Promise<void> } {
  let open: Promise<Handshake> | null = null
  const connect = async (origin: string): Promise<Handshake> => {
    const context = { signal: new AbortController().signal, info: new Extensions() }
    return h2.handshake(await dial(destinationOf(new URL(origin)), context), { runtime })
  }
  const fetchOne: H2FetchOne = async (origin, { method, path, headers, body }) => {
    const informational: number[] = []
    try {
      open ??= connect(origin)
      const { sender } = await open
      const request = new HttpRequest(method, `${origin}${path}`, {
        headers,
        ...(body === '' ? {} : { body: Buffer.from(body, 'latin1') }),
      })
      const response = await sender.send(request, { onInformational: (status) => informational.push(status) })
      const text = Buffer.from(await response.bytes()).toString('latin1')
      const trailers = [...((await response.trailers) ?? [])]
      return {
        status: response.status,
        body: text,
        headers: [...response.headers],
        informational,
        trailers,
        error: null,
      }
    } catch (error) {
      return {
        ...NOTHING,
        informational,
        error: error instanceof HyperError ? `${error.code} ${error.reason ?? ''}` : String(error),
      }
    }
  }
  return { fetchOne, close: async () => (await open)?.connection.abort() }
}
