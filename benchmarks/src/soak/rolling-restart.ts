// Restarts of a server under load: two processes share one port, and one after the other is replaced while requests come.
// In: how many restarts, by default 20, and the grace of `close()`, by default 500 ms (0 shows what it is for). Load: wrk over HTTP/1 (where it is on the machine), and our client over HTTP/1 and
// HTTP/2, by POST, so that nothing is sent again that may have been done. Out: a table of requests and of those that
// failed, and an exit code of 1 when there are any. Run by
//   node benchmarks/src/soak/rolling-restart.ts [restarts] [grace]
// once everything is built, since processes start faster that way.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Client } from '@hyper/client'
import { HyperError } from '@hyper/core/error'

const restarts = Number(process.argv[2] ?? 20)
const WIDTH = 4

const server = spawn(
  process.execPath,
  [...process.execArgv, new URL('rolling-server.ts', import.meta.url).pathname, process.argv[3] ?? '500'],
  { stdio: ['pipe', 'pipe', 'inherit'] },
)
process.on('exit', () => server.kill())
process.once('SIGTERM', () => process.exit(1))
process.once('SIGINT', () => process.exit(1))
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
const port = await line()
const url = `http://127.0.0.1:${port}/`

interface Load {
  readonly name: string
  requests: number
  failed: number
  /** What failed, and how often. */
  readonly why: Map<string, number>
  stop(): Promise<void>
}

const loads: Load[] = [await wrk(), client('client, HTTP/1', false), client('client, HTTP/2', true)].filter(
  (load) => load !== null,
)
const exits: string[] = []
const began = performance.now()
for (let i = 0; i < restarts; i++) {
  server.stdin.write('restart\n')
  exits.push(...(await line()).split(' '))
  process.stderr.write('.')
}
process.stderr.write('\n')
const seconds = (performance.now() - began) / 1000
for (const load of loads) await load.stop()
const ended = once(server, 'exit')
server.stdin.end()
await ended

console.log(`${restarts} restarts of two processes in ${seconds.toFixed(0)} s`)
console.table(loads.map(({ name, requests, failed }) => ({ name, requests, failed })))
for (const { name, why } of loads) for (const [what, times] of why) console.log(`${name}: ${times} × ${what}`)
const unclean = exits.filter((exit) => exit !== '0')
if (unclean.length > 0) console.log(`exits that were not 0: ${unclean.join(' ')}`)
process.exitCode = loads.some(({ failed }) => failed > 0) || unclean.length > 0 ? 1 : 0

async function line(): Promise<string> {
  const next = await lines.next()
  if (next.done === true) throw new Error('the server is gone')
  return next.value
}

function client(name: string, isHttp2: boolean): Load {
  const over = isHttp2 ? { http1: false as const, http2: { priorKnowledge: true } } : { http2: false }
  const ours = new Client(over)
  let isOver = false
  const loop = async (): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      try {
        const response = await ours.post(url, { body: `request ${i}` })
        const text = await response.text()
        if (response.status !== 200 || text !== `request ${i}`) throw new Error(`${response.status} ${text}`)
      } catch (error) {
        load.failed++
        const what = error instanceof HyperError ? error.code : String(error)
        load.why.set(what, (load.why.get(what) ?? 0) + 1)
      }
      load.requests++
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
    }
  }
  const loops = Promise.all(Array.from({ length: WIDTH }, loop))
  const load: Load = {
    name,
    requests: 0,
    failed: 0,
    why: new Map(),
    async stop() {
      isOver = true
      await loops
      await ours.close()
    },
  }
  return load
}

/** Null where there is no wrk. */
async function wrk(): Promise<Load | null> {
  const script = new URL('think.lua', import.meta.url).pathname
  const child: ChildProcess = spawn('wrk', ['-t1', `-c${WIDTH * 4}`, '-d3600s', '-s', script, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => (output += String(chunk)))
  const isThere = await new Promise<boolean>((resolve) => {
    child.once('spawn', () => resolve(true))
    child.once('error', () => resolve(false))
  })
  if (!isThere) {
    console.log('wrk is not on this machine')
    return null
  }
  process.on('exit', () => child.kill('SIGKILL'))
  const load: Load = {
    name: 'wrk, HTTP/1',
    requests: 0,
    failed: 0,
    why: new Map(),
    async stop() {
      child.kill('SIGINT')
      await once(child, 'exit')
      load.requests = Number(/(\d+) requests in/.exec(output)?.[1] ?? 0)
      const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)
      const other = /Non-2xx or 3xx responses: (\d+)/.exec(output)
      for (const [i, what] of ['connect', 'read', 'write', 'timeout'].entries())
        count(load, what, Number(errors?.[i + 1] ?? 0))
      count(load, 'status', Number(other?.[1] ?? 0))
    },
  }
  return load
}

function count(load: Load, what: string, times: number): void {
  if (times === 0) return
  load.failed += times
  load.why.set(what, times)
}
