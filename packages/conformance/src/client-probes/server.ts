// The badly behaved server: plays scripts, one per request, in order, over however many connections the client makes.
// It reads just enough to see where a request ends.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Step } from '../prober/wire.ts'
import type { ServerScript } from './probe.ts'

/** A running script. */
export interface ScriptedServer {
  readonly port: number
  /** Connections made so far. */
  readonly connections: () => number
  /** Heads of the requests that came, in order. */
  readonly requests: readonly string[]
  /** Resolves when all that was begun has been sent. */
  idle(): Promise<unknown>
  close(): Promise<void>
}

/** Starts the server on 127.0.0.1. A request beyond the scripts is answered like the last one. */
export async function startScripted(scripts: readonly ServerScript[]): Promise<ScriptedServer> {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  let connections = 0
  let played = 0
  let playing: Promise<unknown> = Promise.resolve()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('end', () => socket.end())
    const next = (): void => {
      playing = Promise.all([playing, play(socket, scripts[Math.min(played++, scripts.length - 1)])])
    }
    if (scripts[played]?.unasked === true) next()
    else readHeads(socket, requests, next)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    requests,
    idle: () => playing,
    close: () => closeAll(server, sockets),
  }
}

function readHeads(socket: Socket, requests: string[], onRequest: () => void): void {
  let text = ''
  let skip = 0
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    for (;;) {
      const skipped = Math.min(skip, text.length)
      text = text.slice(skipped)
      skip -= skipped
      const end = text.indexOf('\r\n\r\n')
      if (skip > 0 || end < 0) return
      const head = text.slice(0, end)
      text = text.slice(end + 4)
      skip = Number(/^content-length: *([0-9]+)$/im.exec(head)?.[1] ?? '0')
      requests.push(head)
      onRequest()
    }
  })
}

async function play(socket: Socket, script: ServerScript | undefined): Promise<void> {
  if (script === undefined) return
  for (const step of script.send) await take(socket, step)
  if (script.ending === 'end') socket.end()
  if (script.ending === 'reset') socket.resetAndDestroy()
}

async function take(socket: Socket, step: Step): Promise<void> {
  if (socket.destroyed) return
  if (typeof step === 'string') socket.write(step, 'latin1')
  else if (step instanceof Uint8Array) socket.write(step)
  else if ('pause' in step) await sleep(step.pause)
  else if ('end' in step) socket.end()
}

function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}
