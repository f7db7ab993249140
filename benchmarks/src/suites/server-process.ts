// One server under test: started on its own core, asked once whether it answers as all others do, ended afterwards.
// In: a variant. Out: its pid and port while `use` runs. What it answers is checked before anything is measured.
import type { Child } from '../support/children.ts'
import type { Context } from '../support/plan.ts'
import type { Purpose, ServerVariant } from './server-variants.ts'

export interface RunningServer {
  readonly child: Child
  readonly pid: number
  readonly port: number
}

const START_PATIENCE = 20_000
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
    await variant.probe(port)
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
