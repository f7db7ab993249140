// Deno.serve with the common fetch handler. Runs under Deno alone.
import process from 'node:process'
import { announce } from './common.ts'
import { fetchHandler } from './fetch-handler.ts'

interface DenoRuntime {
  serve(
    options: { port: number; hostname: string; onListen: (address: { port: number }) => void },
    handler: (request: Request) => Response | Promise<Response>,
  ): unknown
}

const { Deno } = globalThis as unknown as { Deno: DenoRuntime }
Object.assign(globalThis, { process })
Deno.serve(
  { port: 0, hostname: '127.0.0.1', onListen: (address) => announce(address.port) },
  fetchHandler(globalThis.Response),
)
