// The platform's own client behind the shape that the client probes want, with one kept-alive connection.
import { Agent, request as send, type IncomingMessage } from 'node:http'
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
export function makeNodeClient(): { fetchOne: FetchOne; close: () => Promise<void> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const fetchOne: FetchOne = (url, { method, headers }) => {
    return new Promise((resolve) => {
      const informational: number[] = []
      const fail = (error: Error): void => resolve({ ...NOTHING, informational, error: error.message })
      const outgoing = send(url, { method, agent, headers: Object.fromEntries(headers) }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', fail)
        response.on('end', () => resolve(outcomeOf(response, chunks, informational)))
      })
      outgoing.on('information', ({ statusCode }) => informational.push(statusCode))
      outgoing.on('error', fail)
      outgoing.end()
    })
  }
  return {
    fetchOne,
    close: () => {
      agent.destroy()
      return Promise.resolve()
    },
  }
}

function outcomeOf(response: IncomingMessage, chunks: Buffer[], informational: number[]): ClientOutcome {
  return {
    status: response.statusCode ?? null,
    body: Buffer.concat(chunks).toString('latin1'),
    headers: pairs(response.rawHeaders),
    informational,
    trailers: pairs(response.rawTrailers),
    error: response.complete ? null : 'incomplete',
  }
}

function pairs(raw: string[]): [string, string][] {
  const list: [string, string][] = []
  for (let index = 0; index + 1 < raw.length; index += 2) list.push([raw[index] ?? '', raw[index + 1] ?? ''])
  return list
}
