// Bun.serve with the common fetch handler. Runs under Bun alone.
import { announce } from './common.ts'
import { fetchHandler } from './fetch-handler.ts'

interface BunRuntime {
  serve(options: {
    port: number
    hostname: string
    fetch: (request: Request) => Response | Promise<Response>
  }): { port: number }
}

const { Bun } = globalThis as unknown as { Bun: BunRuntime }
const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: fetchHandler(globalThis.Response) })
announce(server.port)
