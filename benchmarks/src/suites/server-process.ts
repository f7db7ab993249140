// One server under test: started on its own core, asked once whether it answers as all others do, ended afterwards.
// In: a variant. Out: its pid and port while `use` runs. What it answers is checked before anything is measured.
import { connect } from 'node:net'
import type { Child } from '../support/children.ts'
import type { Context } from '../support/plan.ts'
import type { Purpose, ServerVariant } from './server-variants.ts'

export interface RunningServer {
  readonly child: Child
  readonly pid: number
  readonly port: number
}

const START_PATIENCE = 20_000
const PROBE_PATIENCE = 5_000
export const DOCUMENT: string = jsonDocument()

/** Starts a server, checks its answers, hands it to `use`, and ends it in any case. */
export async function withServer<T>(
  variant: ServerVariant,
  context: Context,
  purpose: Purpose,
  lifetime: number,
  use: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const { children, machine } = context
  const child = children.start(variant.command(purpose), { core: machine.testCore, lifetime })
  try {
    const port = Number(await child.expect('listening', START_PATIENCE))
    await checkHello(port)
    return await use({ child, pid: child.pid, port })
  } finally {
    await child.stop()
  }
}

/** Lets a server that can do it collect its garbage, so that memory is what it holds and not what it has dropped. */
export async function settle(server: RunningServer, variant: ServerVariant): Promise<void> {
  if (variant.collects) {
    server.child.signal('SIGUSR2')
    await server.child.expect('collected', 10_000)
  }
  await new Promise((resolve) => setTimeout(resolve, 200))
}

async function checkHello(port: number): Promise<void> {
  const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
  const head = answer.slice(0, answer.indexOf('\r\n\r\n')).toLowerCase()
  const good =
    head.startsWith('http/1.1 200') &&
    /^content-type: *text\/plain/m.test(head) &&
    /^date: .* gmt/m.test(head) &&
    /^content-length: *13\b/m.test(head) &&
    answer.endsWith('\r\n\r\nHello, World!')
  if (!good) throw new Error(`not the answer that every server here gives: ${JSON.stringify(answer)}`)
}

// Reads until the body is whole: the floor keeps the connection open, whatever it is asked.
function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    let text = ''
    const finish = (error: Error | null): void => {
      clearTimeout(timer)
      socket.destroy()
      if (error === null) resolve(text)
      else reject(error)
    }
    const timer = setTimeout(
      () => finish(new Error(`no whole answer, only ${JSON.stringify(text)}`)),
      PROBE_PATIENCE,
    )
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.endsWith('Hello, World!')) finish(null)
    })
    socket.on('end', () => finish(null))
    socket.on('error', finish)
    socket.write(request)
  })
}

// 1,024 bytes as JSON.stringify prints them, so that each server's answer has the length of the request.
function jsonDocument(): string {
  const items = Array.from({ length: 12 }, (_, index) => ({
    id: index,
    name: `item number ${index}`,
    tags: ['a', 'b'],
  }))
  const text = JSON.stringify({ items, filler: '' })
  return JSON.stringify({ items, filler: 'x'.repeat(1024 - text.length) })
}
