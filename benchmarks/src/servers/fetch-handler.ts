// The fetch handler that every fetch-style server here runs, ours and the peers: one text for all, given the `Response` class.
// In: a platform Request. Out: the same answers as the other servers.
import { bytesWanted, CHUNK_SIZE, HELLO } from './common.ts'

interface ResponseClass {
  new (body?: string | ReadableStream<Uint8Array> | null, init?: ResponseInit): Response
}

/** Builds the handler over one `Response` class. */
export function fetchHandler(Answer: ResponseClass): (request: Request) => Response | Promise<Response> {
  return (request) => {
    // The path without a URL object: every handler pays the same, and the servers are what is compared.
    const url = request.url
    const path = url.slice(url.indexOf('/', 8))
    if (path === '/') return new Answer(HELLO, { headers: { 'content-type': 'text/plain' } })
    if (path === '/json') return json(request, Answer)
    if (path === '/discard') return discard(request, Answer)
    const wanted = bytesWanted(path)
    if (wanted >= 0) return bytes(wanted, Answer)
    return new Answer(null, { status: 404 })
  }
}

async function json(request: Request, Answer: ResponseClass): Promise<Response> {
  const value: unknown = await request.json()
  return new Answer(JSON.stringify(value), { headers: { 'content-type': 'application/json' } })
}

async function discard(request: Request, Answer: ResponseClass): Promise<Response> {
  let total = 0
  for await (const chunk of request.body ?? []) total += (chunk as Uint8Array).length
  return new Answer(String(total), { headers: { 'content-type': 'text/plain' } })
}

function bytes(length: number, Answer: ResponseClass): Response {
  const chunk = new Uint8Array(CHUNK_SIZE)
  let left = length
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = Math.min(left, CHUNK_SIZE)
      left -= size
      controller.enqueue(chunk.slice(0, size))
      if (left === 0) controller.close()
    },
  })
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(length) }
  return new Answer(body, { headers })
}
