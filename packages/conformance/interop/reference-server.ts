// The reference server as a process of its own, as outside programs meet it. In: nothing. Out: its port, and a way to stop it.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'

export interface ReferenceServer {
  readonly port: number
  /** Sends SIGTERM and resolves with the exit code. */
  stop(): Promise<number | null>
}

const program = join(import.meta.dirname, '..', 'dist', 'reference-server.js')

/** Starts the built server on a free port; rejects when it ends, or stays silent, before it is ready. */
export async function startReferenceServer(...options: readonly string[]): Promise<ReferenceServer> {
  const child = spawn(process.execPath, [program, '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const port = await readPort(child)
  return {
    port,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

function readPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(
      () => reject(new Error(`the reference server is not ready in time: ${text}`)),
      30_000,
    )
    child.once('exit', (code) => reject(new Error(`the reference server ended with ${code}: ${text}`)))
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const match = /listening on .*?:(\d+)\b(?!.*:\d)/.exec(text)
      if (match === null) return
      clearTimeout(timer)
      resolve(Number(match[1]))
    })
  })
}
