// What the demo shows. Each step does one real thing over real sockets, prints it, and throws when it was not as it should be.
import { Client } from '@hyper/client'
import { HyperError } from '@hyper/core/error'
import { HeaderMap, reasonPhrase, type HttpResponse } from '@hyper/core/http'
import type { Server } from '@hyper/server'
import { connect } from 'node:net'
import type { Page } from './page.ts'

/** What every step works with. */
export interface Stage {
  readonly page: Page
  readonly client: Client
  readonly server: Server
  /** Without the last slash. */
  readonly origin: string
  /** Every request that reached the service, in order. */
  readonly seen: string[]
}

type DemoStep = (stage: Stage) => Promise<void>

export const STEPS: readonly DemoStep[] = [
  hello,
  conversation,
  hints,
  trailers,
  stream,
  many,
  smuggling,
  farewell,
]

const MANY = 2_000
const LANES = 10

function check(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`not as expected: ${what}`)
}

async function hello({ page, client, origin }: Stage): Promise<void> {
  await page.step('A request and its answer')
  const startedAt = performance.now()
  page.sent('GET /')
  const response = await client.get(`${origin}/`)
  const text = await response.text()
  page.received(`${summary(response)} · ${JSON.stringify(text)} · ${elapsed(startedAt)}`)
  check(response.status === 200 && text === 'Hello, World!', 'hello')
}

// Each piece is sent only when the one before has come back: neither side waits for the whole.
async function conversation({ page, client, origin }: Stage): Promise<void> {
  await page.step('A body in both directions at once: each piece comes back before the next is sent')
  const pieces = ['one ', 'two ', 'three']
  let heardIt = (): void => undefined
  const body = (async function* speak() {
    for (const piece of pieces) {
      page.sent(`POST /echo · ${JSON.stringify(piece)}`)
      yield piece
      await new Promise<void>((resolve) => (heardIt = resolve))
    }
  })()
  const response = await client.post(`${origin}/echo`, { body })
  let heard = ''
  for await (const chunk of response.body) {
    const text = Buffer.from(chunk).toString('utf8')
    page.received(JSON.stringify(text))
    heard += text
    heardIt()
  }
  check(heard === pieces.join(''), 'echo')
}

async function hints({ page, client, origin }: Stage): Promise<void> {
  await page.step('Early hints: a browser could fetch the style sheet while the page is still being made')
  page.sent('GET /early-hints')
  const interim: number[] = []
  const response = await client.get(`${origin}/early-hints`, {
    onInformational: (status, headers) => {
      interim.push(status)
      page.received(`${status} Early Hints · link: ${headers.get('link')}`)
    },
  })
  page.received(summary(response))
  await response.text()
  check(interim.join() === '103' && response.status === 200, 'early hints')
}

async function trailers({ page, client, origin }: Stage): Promise<void> {
  await page.step('Trailers: fields that are only known once the body has gone out, in both directions')
  page.sent('POST /echo · "sum me" · trailer x-sum: 42')
  const headers = { te: 'trailers' }
  const response = await client.post(`${origin}/echo`, {
    headers,
    body: (async function* pieces() {
      yield 'sum '
      yield 'me'
    })(),
    trailers: () => new HeaderMap([['x-sum', '42']]),
  })
  const text = await response.text()
  const received = await response.trailers
  page.received(`${summary(response)} · ${JSON.stringify(text)} · trailer x-sum: ${received?.get('x-sum')}`)
  check(text === 'sum me' && received?.get('x-sum') === '42', 'trailers')
}

async function stream({ page, client, origin }: Stage): Promise<void> {
  await page.step('A stream of unknown length, chunk by chunk')
  page.sent('GET /stream/4')
  const response = await client.get(`${origin}/stream/4`)
  const text = await response.text()
  page.received(`${summary(response)} · transfer-encoding: ${response.headers.get('transfer-encoding')}`)
  page.received(text.trimEnd().split('\n').join(' · '))
  check(text === 'chunk 1\nchunk 2\nchunk 3\nchunk 4\n', 'stream')
}

async function many({ page, client, origin }: Stage): Promise<void> {
  await page.step(`${MANY.toLocaleString('en')} requests over ${LANES} kept-alive connections`)
  const startedAt = performance.now()
  let left = MANY
  let right = 0
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const response = await client.get(`${origin}/`)
      if ((await response.text()) === 'Hello, World!') right++
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const took = performance.now() - startedAt
  const rate = Math.round(MANY / (took / 1_000)).toLocaleString('en')
  page.received(
    `${right.toLocaleString('en')} answers in ${took.toFixed(0)} ms: ${rate} per second, client and server in one process`,
  )
  check(right === MANY, 'every answer')
}

async function smuggling({ page, origin, seen, server }: Stage): Promise<void> {
  await page.step(
    'A smuggling attempt: two lengths that disagree, with a second request hidden behind the first',
  )
  const attack =
    `POST / HTTP/1.1\r\nHost: ${server.address}\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n` +
    '0\r\n\r\nGET /admin HTTP/1.1\r\nX: y'
  page.raw('sent', attack)
  const before = seen.length
  const answer = await sendRaw(new URL(origin), attack)
  page.raw('received', answer.slice(0, answer.indexOf('\r\n\r\n') + 4))
  page.note(`connection closed · requests that reached the service: ${seen.length - before}`)
  check(answer.startsWith('HTTP/1.1 400 ') && seen.length === before, 'the refusal')
  check(answer.split('HTTP/1.1 ').length === 2, 'one answer and no more')
}

async function farewell({ page, client, origin, server }: Stage): Promise<void> {
  await page.step('A graceful close: what runs is finished, nothing new is taken')
  page.sent('GET /delay/250')
  const running = client.get(`${origin}/delay/250`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const startedAt = performance.now()
  const closed = server.close({ deadline: 5_000 })
  page.note('server.close()')
  // What is on its way in that moment is still taken.
  await new Promise((resolve) => setTimeout(resolve, 50))
  page.sent('GET / on a new connection')
  const refusal = await codeOf(new Client().get(`${origin}/`))
  page.received(`refused: ${refusal}`)
  const response = await running
  const text = await response.text()
  page.received(
    `${summary(response)} · ${JSON.stringify(text.trim())} · connection: ${response.headers.get('connection')}`,
  )
  await closed
  page.note(`closed after ${elapsed(startedAt)} · connections left: ${server.connections}`)
  check(refusal === 'CONNECT', 'the refusal')
  check(response.status === 200 && text === 'waited 250 ms\n' && server.connections === 0, 'the close')
}

function summary(response: HttpResponse): string {
  const reason = response.reason ?? reasonPhrase(response.status)
  return `${response.status} ${reason} · HTTP/${response.version}`
}

function elapsed(since: number): string {
  return `${(performance.now() - since).toFixed(1)} ms`
}

async function codeOf(attempt: Promise<HttpResponse>): Promise<string> {
  try {
    const response = await attempt
    throw new Error(`not as expected: answered with ${response.status}`)
  } catch (error) {
    if (error instanceof HyperError) return error.code
    throw error
  }
}

function sendRaw(url: URL, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname)
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
    socket.write(text, 'latin1')
  })
}
