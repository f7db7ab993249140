// Our client behind the shape that the client probes want.
import { Client } from '@hyper/client'
import { HyperError } from '@hyper/core/error'
import type { ClientOutcome, FetchOne } from '../../src/client-probes/index.ts'

const NOTHING: ClientOutcome = {
  status: null,
  body: '',
  headers: [],
  informational: [],
  trailers: [],
  error: null,
}

/** A fresh client. */
export function makeOurClient(): { fetchOne: FetchOne; close: () => Promise<void> } {
  const client = new Client()
  const fetchOne: FetchOne = async (url, { method, headers }) => {
    const informational: number[] = []
    try {
      const response = await client.request(url, {
        method,
        headers,
        onInformational: (status) => informational.push(status),
      })
      const { status } = response
      const body = Buffer.from(await response.bytes()).toString('latin1')
      const trailers = [...((await response.trailers) ?? [])]
      return { status, body, headers: [...response.headers], informational, trailers, error: null }
    } catch (error) {
      return { ...NOTHING, informational, error: error instanceof HyperError ? error.code : String(error) }
    }
  }
  return {
    fetchOne,
    close: () => {
      client.abort()
      return Promise.resolve()
    },
  }
}
