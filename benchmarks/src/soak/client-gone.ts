// How soon a fetch handler hears that its client has gone, and that it never hears so of a request that was answered. In: how
// often each way of going is played, by default 100, and how many requests are answered on each protocol, by default 10,000.
// Out: a table of times, one of requests; and an exit code of 1 when a signal was late (100 ms), missing, or wrong. Run by
//   node --conditions source benchmarks/src/soak/client-gone.ts [times] [requests]
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectH2, constants } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { type FetchContext, serve, type Server } from '@hyper/server'
import { Client } from '@hyper/client'

const times = Number(process.argv[2] ?? 100)
const requests = Number(process.argv[3] ?? 10_000)
const LATE = 100
/** Within what is read ahead of a reader that does not read: 16 KiB over HTTP/1. */
const AHEAD = 12 * 1024
let isWrong = false

// ------------------------------------------------------------------ who goes

interface Heard {
  readonly at: number
  readonly completed: Promise<string>
}

let asked: (handler: { readonly heard: Promise<Heard> }) => void = () => undefined

/** Answers nothing, or a stream that never ends, and tells when its signal has fired. */
function waiting(request: Request, context: FetchContext): Promise<Response> | Response {
  const completed = outcome(context.completed)
  const heard = new Promise<Heard>((resolve) => {
    request.signal.addEventListener('abort', () => resolve({ at: performance.now(), completed }))
  })
  asked({ heard })
  if (!request.url.endsWith('/streamed')) return new Promise(() => undefined)
  return new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode('begun')) }))
}

const outcome = (completed: Promise<void>): Promise<string> =>
  completed.then(
    () => 'completed',
    (error: { code?: string }) => error.code ?? 'error',
  )

type Way = readonly [name: string, go: (server: Server) => Promise<() => void>]

async function overH1(server: Server, head: string, body = 0): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(`${head} HTTP/1.1\r\nhost: x\r\n${body > 0 ? 'content-length: 1000000\r\n' : ''}\r\n`)
  if (body > 0) socket.write(Buffer.alloc(body))
  return socket
}

const h1 = (head: string, go: (socket: Socket) => void, body = 0): Way[1] => {
  return async (server) => {
    const socket = await overH1(server, head, body)
    if (head.endsWith('/streamed')) await once(socket, 'data')
    return () => go(socket)
  }
}

const h2 = (
  path: string,
  go: (stream: ClientHttp2Stream, session: ClientHttp2Session) => void,
  body = 0,
): Way[1] => {
  return async (server) => {
    const session = connectH2(server.url)
    session.on('error', () => undefined)
    const stream = session.request(
      { ':path': path, ':method': body > 0 ? 'POST' : 'GET' },
      { endStream: body === 0 },
    )
    stream.on('error', () => undefined)
    if (body > 0) stream.write(Buffer.alloc(body))
    if (path === '/streamed') await once(stream, 'response')
    return () => {
      go(stream, session)
      setTimeout(() => session.destroy(), 500).unref()
    }
  }
}

const reset = (socket: Socket): void => void socket.resetAndDestroy()
const end = (socket: Socket): void => void socket.end()
const cancel = (stream: ClientHttp2Stream): void => stream.close(constants.NGHTTP2_CANCEL)
const cut = (_: ClientHttp2Stream, session: ClientHttp2Session): void => session.destroy()

const WAYS: readonly Way[] = [
  ['h1: reset, nothing answered', h1('GET /', reset)],
  ['h1: end, nothing answered', h1('GET /', end)],
  ['h1: reset, answer begun', h1('GET /streamed', reset)],
  ['h1: end, answer begun', h1('GET /streamed', end)],
  ['h1: reset, upload unread (12 KiB)', h1('POST /', reset, AHEAD)],
  ['h1: end, upload unread (12 KiB)', h1('POST /', end, AHEAD)],
  ['h2: RST_STREAM, nothing answered', h2('/', cancel)],
  ['h2: connection cut, nothing answered', h2('/', cut)],
  ['h2: RST_STREAM, answer begun', h2('/streamed', cancel)],
  ['h2: connection cut, answer begun', h2('/streamed', cut)],
  ['h2: RST_STREAM, upload unread (512 KiB)', h2('/', cancel, 1 << 19)],
  ['h2: connection cut, upload unread (512 KiB)', h2('/', cut, 1 << 19)],
]

async function measure([name, begin]: Way): Promise<void> {
  const server = await serve({ hostname: '127.0.0.1', fetch: waiting, onError: () => undefined })
  const took: number[] = []
  const completed = new Map<string, number>()
  for (let i = 0; i < times; i++) {
    const arrived = new Promise<{ readonly heard: Promise<Heard> }>((resolve) => (asked = resolve))
    const go = await begin(server)
    const { heard } = await arrived
    // What was uploaded arrives behind the head.
    await new Promise((resolve) => setTimeout(resolve, 20))
    const from = performance.now()
    go()
    const told = await Promise.race([heard, new Promise<null>((resolve) => setTimeout(resolve, 2_000, null))])
    took.push(told === null ? Infinity : told.at - from)
    const how = told === null ? 'not heard' : await told.completed
    completed.set(how, (completed.get(how) ?? 0) + 1)
  }
  await server.close({ deadline: 0 })
  took.sort((a, b) => a - b)
  const inTime = took.filter((one) => one <= LATE).length
  isWrong ||= inTime < times || completed.has('completed')
  const ms = (value: number | undefined): string => (value ?? 0).toFixed(2).padStart(8)
  const how = [...completed].map(([code, count]) => `${code} ${count}`).join(', ')
  console.log(
    `${name.padEnd(44)} ${inTime}/${times} ${ms(took[times >> 1])} ${ms(took[Math.floor((times - 1) * 0.99)])} ${ms(took.at(-1))}   ${how}`,
  )
}

// ------------------------------------------------------------------ who is answered

const bytes = new TextEncoder().encode('a piece')

function answering(request: Request, context: FetchContext): Response {
  request.signal.addEventListener('abort', () => counts.aborted++)
  void outcome(context.completed).then((how) => {
    if (how === 'completed') counts.completed++
    else counts.failed++
  })
  const { pathname } = new URL(request.url)
  if (pathname === '/none') return new Response(null, { status: 204 })
  if (pathname === '/streamed') {
    let left = 3
    return new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(bytes)
          if (--left === 0) controller.close()
        },
      }),
    )
  }
  return new Response('whole')
}

const counts = { aborted: 0, completed: 0, failed: 0 }
const KINDS = [
  ['GET', '/'],
  ['HEAD', '/'],
  ['GET', '/none'],
  ['GET', '/streamed'],
  ['POST', '/'],
] as const

async function succeed(
  name: string,
  each: (server: Server) => Promise<(index: number) => Promise<void>>,
): Promise<void> {
  const server = await serve({ hostname: '127.0.0.1', fetch: answering })
  Object.assign(counts, { aborted: 0, completed: 0, failed: 0 })
  const ask = await each(server)
  let next = 0
  const loop = async (): Promise<void> => {
    while (next < requests) await ask(next++)
  }
  await Promise.all(Array.from({ length: 16 }, loop))
  await server.close({ deadline: 5_000 })
  await new Promise((resolve) => setTimeout(resolve, 50))
  isWrong ||= counts.aborted > 0 || counts.completed !== requests
  const { aborted, completed, failed } = counts
  console.log(
    `${name.padEnd(44)} ${requests} asked, ${completed} completed, ${failed} failed, ${aborted} signals`,
  )
}

async function byClient(client: Client, server: Server, index: number): Promise<void> {
  const [method, path] = KINDS[index % KINDS.length] ?? KINDS[0]
  const response = await client.request(new URL(path, server.url), {
    method,
    body: method === 'POST' ? 'a body that nobody reads' : undefined,
  })
  await response.text()
}

console.log(`${'client gone, ms'.padEnd(44)} in time   median      99 %      most   context.completed`)
for (const way of WAYS) await measure(way)
console.log(`\n${'answered'.padEnd(44)}`)
await succeed('h1: kept alive, then closed by the client', async (server) => {
  const client = new Client()
  let done = 0
  return async (index) => {
    await byClient(client, server, index)
    if (++done === requests) await client.close()
  }
})
await succeed('h1: one connection each, closed at once', async (server) => async () => {
  const socket = await overH1(server, 'GET /')
  await once(socket, 'data')
  socket.destroy()
})
await succeed('h2: one connection, then closed by the client', async (server) => {
  const client = new Client({ http2: { priorKnowledge: true } })
  let done = 0
  return async (index) => {
    await byClient(client, server, index)
    if (++done === requests) await client.close()
  }
})
await succeed('h2: node:http2, whose session is cut off later', async (server) => {
  const session = connectH2(server.url)
  session.on('error', () => undefined)
  let done = 0
  return async (index) => {
    const [method, path] = KINDS[index % KINDS.length] ?? KINDS[0]
    const stream = session.request({ ':method': method, ':path': path }, { endStream: method !== 'POST' })
    if (method === 'POST') stream.end('a body that nobody reads')
    stream.resume()
    await once(stream, 'close')
    if (++done === requests) session.destroy()
  }
})
if (isWrong) console.log('\nnot as it should be')
process.exitCode = isWrong ? 1 : 0
