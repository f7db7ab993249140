// Many idle connections, and clients that never finish their request heads (slowloris), against serve() as it comes. In: how
// many of each, and for how many seconds; by default 10,000, 1,000 and 60. Every idle connection has had a request; every
// slow one sends a byte in 5 s, and comes back when it is closed. Out: resident memory per connection, and how long a clean request
// takes meanwhile, on a connection of its own. The exit code is 1 when its median is 50 ms or more, or when idle connections were
// lost. Linux. Run by
//   node benchmarks/src/soak/idle-connections.ts [idle] [slow] [seconds]
// once everything is built.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryOf } from '../support/proc.ts'

const [idle = 10_000, slow = 1_000, seconds = 60] = process.argv.slice(2).map(Number)
const REQUEST = 'GET / HTTP/1.1\r\nhost: a.example\r\nuser-agent: soak\r\naccept: */*\r\n\r\n'
const DRIBBLE = 5_000
const GOOD = 50

const server = spawn(
  process.execPath,
  ['--expose-gc', ...process.execArgv, new URL('idle-server.ts', import.meta.url).pathname],
  { stdio: ['pipe', 'pipe', 'inherit'] },
)
process.on('exit', () => server.kill())
process.once('SIGTERM', () => process.exit(1))
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
const port = Number(await line())
const pid = server.pid ?? 0

// Code and caches are there before anything is counted.
for (let i = 0; i < 200; i++) await cleanRequest()
const before = await resident()
let lost = 0
const held = await open(idle, hold)
const withIdle = await resident()
let comebacks = 0
let isOver = false
await open(slow, dribble)
const withSlow = await resident()
console.log(`connections: ${await connections()}`)
const times = await measure()
const atEnd = await resident()
const left = held.filter((socket) => !socket.destroyed).length
isOver = true

console.table([
  { what: `memory, nobody there`, value: `${mib(before)} MiB` },
  { what: `memory per idle connection, of ${idle}`, value: `${kib(withIdle - before, idle)} KiB` },
  { what: `memory per slow connection, of ${slow}`, value: `${kib(withSlow - withIdle, slow)} KiB` },
  { what: `memory per connection after ${seconds} s`, value: `${kib(atEnd - before, idle + slow)} KiB` },
  { what: `idle connections that are left`, value: `${left}` },
  { what: `slow connections that were closed, and came back`, value: `${comebacks}` },
  { what: `clean requests`, value: `${times.length}` },
  { what: `median`, value: `${quantile(0.5).toFixed(1)} ms` },
  { what: `99th percentile`, value: `${quantile(0.99).toFixed(1)} ms` },
  { what: `slowest`, value: `${quantile(1).toFixed(1)} ms` },
])
process.exitCode = quantile(0.5) < GOOD && lost === 0 && left === idle ? 0 : 1
process.exit()

async function line(): Promise<string> {
  const next = await lines.next()
  if (next.done === true) throw new Error('the server is gone')
  return next.value
}

async function connections(): Promise<string> {
  server.stdin.write('count\n')
  return line()
}

async function resident(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    server.stdin.write('gc\n')
    await line()
    await sleep(100)
  }
  return memoryOf(pid)?.resident ?? 0
}

/** Opens so many, a hundred at a time. */
async function open(count: number, begin: (socket: Socket) => Promise<void>): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(100, count - sockets.length) }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      await begin(socket)
      return socket
    })
    sockets.push(...(await Promise.all(some)))
  }
  return sockets
}

/** One request; then it is idle. */
async function hold(socket: Socket): Promise<void> {
  socket.write(REQUEST)
  await once(socket, 'data')
  socket.once('close', () => {
    if (!isOver) lost++
  })
}

async function dribble(socket: Socket): Promise<void> {
  const timer = setInterval(() => socket.write('x'), DRIBBLE)
  socket.write('GET / HTTP/1.1\r\nx-slow: ')
  socket.on('end', () => socket.destroy())
  socket.resume()
  socket.once('close', () => {
    clearInterval(timer)
    if (isOver) return
    comebacks++
    void open(1, dribble).catch(() => undefined)
  })
  return Promise.resolve()
}

async function measure(): Promise<number[]> {
  const times: number[] = []
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) {
    times.push(await cleanRequest())
    await sleep(50)
  }
  return times.toSorted((a, b) => a - b)
}

/** Milliseconds from the connect to the whole answer. */
async function cleanRequest(): Promise<number> {
  const began = performance.now()
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.write(REQUEST.replace('accept', 'connection: close\r\naccept'))
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  if (!answer.endsWith('hello')) throw new Error(`not answered: ${answer}`)
  return performance.now() - began
}

function quantile(share: number): number {
  return times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN
}

function mib(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1)
}

function kib(bytes: number, count: number): string {
  return (bytes / 1_024 / count).toFixed(1)
}
