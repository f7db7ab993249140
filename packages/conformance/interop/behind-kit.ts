// Servers behind a proxy that is a program of its own. In: a port. Out: a server of ours there that can be replaced, and a load that
// counts what fails.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@hyper/client'
import { type ServeOptions, serve, type Server } from '@hyper/server'

/** What it says of each request: who answered, what over, who asked. `onCheck` hears who asks whether it is ready. */
export function startApp(
  options: Partial<ServeOptions>,
  onCheck: (version: string) => void = () => undefined,
): Promise<Server> {
  let server: Server
  const app = {
    hostname: '127.0.0.1',
    async fetch(request, context) {
      const { pathname } = new URL(request.url)
      if (pathname === '/ready') {
        onCheck(context.httpVersion)
        return new Response(null, { status: server.ready ? 200 : 503 })
      }
      if (pathname === '/stream') return new Response(request.body)
      const body = request.method === 'POST' ? await request.text() : ''
      return Response.json({ version: context.httpVersion, from: context.remoteAddress, body })
    },
    ...options,
  } as ServeOptions
  return serve(app).then((made) => (server = made))
}

/** A server that is told to go by a signal of its own, and replaced by another in its place. */
export class Replaceable {
  readonly port: number
  private readonly signal: NodeJS.Signals
  private server: Server | null = null
  /** How often whoever checks has asked this one, by version. */
  private checks: Map<string, number> = new Map()

  constructor(port: number, signal: NodeJS.Signals) {
    this.port = port
    this.signal = signal
  }

  async start(): Promise<void> {
    const checks = new Map<string, number>()
    this.checks = checks
    this.server = await startApp(
      {
        port: this.port,
        // Two checks and the time between them, twice.
        signals: { names: [this.signal], delay: 2_000, deadline: 10_000 },
      },
      (version) => void checks.set(version, (checks.get(version) ?? 0) + 1),
    )
  }

  /** As on a deploy: not ready, drained, gone, and there again. */
  async replace(): Promise<void> {
    process.emit(this.signal)
    await this.server?.closed
    await this.start()
    // Who asks a second time knows what the first answer was; over HTTP/1 HAProxy asks by 1.0.
    while (['1.0', '2'].some((version) => (this.checks.get(version) ?? 0) < 2)) await sleep(10)
  }

  async stop(): Promise<void> {
    await this.server?.close({ deadline: 0 })
  }
}

/** Two processes of ours on one port, of which one after the other is replaced on demand. */
export async function startPair(): Promise<{ port: number; restart(): Promise<void>; stop(): void }> {
  const program = join(import.meta.dirname, '../../../benchmarks/src/soak/rolling-server.ts')
  const child = spawn(process.execPath, ['--conditions=source', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const port = Number((await lines.next()).value)
  return {
    port,
    async restart() {
      child.stdin.write('restart\n')
      if ((await lines.next()).value !== '0 0') throw new Error('a process did not end by itself')
    },
    stop: () => void child.kill(),
  }
}

export interface Tally {
  requests: number
  readonly failures: string[]
}

/** Asks until `work` is done: by POST, so that nobody sends again what may have been done. */
export async function under(client: Client, url: string, work: () => Promise<void>): Promise<Tally> {
  const tally: Tally = { requests: 0, failures: [] }
  let isOver = false
  const loop = async (): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      tally.requests++
      try {
        const response = await client.post(url, { body: `request ${i}` })
        const text = await response.text()
        if (response.status !== 200 || !text.includes(`request ${i}`))
          tally.failures.push(`${response.status} ${text.slice(0, 100)}`)
      } catch (error) {
        tally.failures.push(String(error))
      }
      await sleep(Math.random() * 10)
    }
  }
  const loops = Array.from({ length: 8 }, loop)
  try {
    await work()
  } finally {
    isOver = true
    await Promise.all(loops)
  }
  return tally
}
