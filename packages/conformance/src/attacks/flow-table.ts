// Flow: a client that sends without reading, or a server that answers without reading. Memory must stay flat: the attack runs in
// the process of the server, so growth is measured here, and what the attacker itself holds is one piece.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { get, HOST, request } from '../prober/requests.ts'
import { expectOutcome, type Attack, type Target } from './attack.ts'
import { held } from './memory.ts'
import { pour, type Pouring } from './pour.ts'

const MIB = 1_048_576
const MOST_GROWTH = 24 * MIB
// What the sockets of both sides may hold on loopback (6 MiB of send buffer, 6 MiB of receive buffer), and a little.
const IN_FLIGHT = 16 * MIB
const GIB = 1_024 * MIB
const SHORT_LINGER = { timeouts: { linger: 300 } } as const

interface Bound {
  readonly pouring: Pouring
  /** The server must have ended the connection. */
  readonly ends: boolean
  readonly answer: RegExp | null
}

async function bounded(target: Target, { pouring, ends, answer }: Bound): Promise<string | null> {
  const before = await held()
  const { sent, ended, received } = await pour(target, pouring)
  const growth = (await held()) - before
  if (sent > IN_FLIGHT) return `took ${sent} bytes`
  if (growth > MOST_GROWTH) return `grew by ${growth} bytes`
  if (ends && !ended) return 'still open'
  return answer === null || answer.test(received) ? null : `answered ${JSON.stringify(received.slice(0, 40))}`
}

const PIPELINE: Pouring = {
  start: '',
  piece: get('/').repeat(500),
  total: 20 * MIB,
  patience: 700,
  read: false,
}
const POST_1_GIB = request('POST', '/ignore', `Content-Length: ${GIB}\r\n`)

export const FLOW_ATTACKS: readonly Attack[] = [
  {
    name: '20 MiB of pipelined GETs that nobody reads: stops reading, memory stays flat',
    known: 'pipelining',
    side: 'beyond',
    settings: {},
    run: (target) => bounded(target, { pouring: PIPELINE, ends: false, answer: null }),
  },
  {
    name: 'pipelined GETs for long answers that nobody reads: memory stays flat',
    known: 'pipelining',
    side: 'beyond',
    settings: {},
    run: (target) =>
      bounded(target, {
        pouring: { ...PIPELINE, piece: get('/bytes/60000').repeat(500) },
        ends: false,
        answer: null,
      }),
  },
  {
    name: 'a reader that never reads is reset after the send timeout',
    known: 'CVE-2019-9517 class',
    side: 'beyond',
    settings: { timeouts: { send: 400 } },
    run: neverRead,
  },
  {
    name: '2,000 pipelined GETs that are read are all answered',
    known: 'pipelining',
    side: 'within',
    settings: {},
    run: (target) => {
      const statuses = Array.from({ length: 2_000 }, () => 200)
      return expectOutcome(target, [get('/').repeat(2_000)], { statuses, closed: false })
    },
  },
  {
    name: 'early answer to a POST of 1 GiB: answered, then ended',
    known: 'unread body',
    side: 'beyond',
    settings: SHORT_LINGER,
    run: (target) => {
      const pouring = { start: POST_1_GIB, piece: 'a'.repeat(65_536), total: GIB, patience: 15_000 }
      return bounded(target, { pouring, ends: true, answer: /^HTTP\/1\.1 200 / })
    },
  },
  {
    name: 'early answer to an endless chunked POST: answered, then ended',
    known: 'unread body',
    side: 'beyond',
    settings: SHORT_LINGER,
    run: (target) => {
      const start = request('POST', '/ignore', 'Transfer-Encoding: chunked\r\n')
      const pouring = { start, piece: `4000\r\n${'a'.repeat(0x4000)}\r\n`, total: GIB, patience: 15_000 }
      return bounded(target, { pouring, ends: true, answer: /^HTTP\/1\.1 200 / })
    },
  },
  {
    name: 'a POST of 1 GiB that nobody reads yet is held back',
    known: 'unread body',
    side: 'beyond',
    settings: {},
    run: (target) => {
      const start = request('POST', '/ignore-slow', `Content-Length: ${GIB}\r\n`)
      const pouring = { start, piece: 'a'.repeat(65_536), total: GIB, patience: 700 }
      return bounded(target, { pouring, ends: false, answer: null })
    },
  },
  {
    name: 'a short body that nobody read does not cost the connection',
    known: 'unread body',
    side: 'within',
    settings: {},
    run: (target) =>
      expectOutcome(target, [request('POST', '/ignore', 'Content-Length: 5\r\n', 'hello') + get('/')], {
        statuses: [200, 200],
        closed: false,
      }),
  },
]

async function neverRead(target: Target): Promise<string | null> {
  const socket = connect({ ...target, noDelay: true })
  let isOver = false
  socket.on('error', () => {
    isOver = true
  })
  socket.pause()
  socket.write(`GET /bytes/${GIB} HTTP/1.1\r\n${HOST}\r\n`)
  // The kernel of this side holds what arrives; only a write can show that the other side has gone.
  for (let waited = 0; waited < 15_000 && !isOver; waited += 100) {
    await sleep(100)
    if (waited > 1_000 && !socket.destroyed) socket.write(get('/'))
  }
  socket.destroy()
  return isOver ? null : 'still open'
}
