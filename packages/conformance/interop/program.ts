// Servers and proxies that are programs of their own, started for one suite. In: a command, its words, the ports that it will listen on.
// Out: a way to stop it by its process id. Ready is what accepts connections on all its ports; what ends before, or stays silent for
// half a minute, rejects with what it has said.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { testCertificate } from '@hyper/testkit'

const PATIENCE = 30_000

/** A program that listens. */
export interface Program {
  readonly pid: number
  /** What it has written to stdout and stderr. */
  readonly said: () => string
  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void
  /** Ends it, and resolves when it is gone. */
  stop(): Promise<void>
}

/** Starts a program; resolves when each of its ports accepts connections. */
export async function startProgram(
  command: string,
  words: readonly string[],
  ports: readonly number[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Program> {
  const child = spawn(command, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let said = ''
  const listen = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-100_000))
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  let failure: Error | null = null
  child.once('error', (error) => (failure = error))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const deadline = Date.now() + PATIENCE
  for (const port of ports) {
    while (!(await accepts(port))) {
      if (failure !== null) throw failure
      const isOver = child.exitCode !== null || child.signalCode !== null
      if (!isOver && Date.now() < deadline) {
        await sleep(20)
        continue
      }
      child.kill('SIGKILL')
      throw new Error(`${command} ${isOver ? 'ended' : 'is not ready in time'}: ${said}`)
    }
  }
  return {
    pid: child.pid ?? 0,
    said: () => said,
    signal: (name) => void child.kill(name),
    stop: () => end(child, ended),
  }
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await ended
  clearTimeout(late)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/**
 * Ports of 127.0.0.1 that nobody listens on, one after the other. They are below those that a system gives to connections and to
 * listeners of port 0, so that none of these takes one before the program that it is for.
 */
export async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const first = randomInt(10_000, 30_000)
    const ports = Array.from({ length: count }, (_, at) => first + at)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  await once(server.close(), 'close')
  return true
}

/** A directory for the files of a program. */
export interface Room {
  readonly path: string
  /** Writes a file into it and says where it is. */
  write(name: string, content: string | Uint8Array): string
  remove(): void
}

/** Makes one; with `cert.pem`, `key.pem` and, of both, `both.pem`: the certificate of the testkit. */
export async function makeRoom(name: string): Promise<Room> {
  const path = mkdtempSync(join(tmpdir(), `hyper-${name}-`))
  const room: Room = {
    path,
    write: (file, content) => {
      const place = join(path, file)
      mkdirSync(dirname(place), { recursive: true })
      writeFileSync(place, content)
      return place
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
  const { cert, key } = await testCertificate()
  room.write('cert.pem', cert)
  room.write('key.pem', key)
  room.write('both.pem', `${cert}\n${key}`)
  return room
}
