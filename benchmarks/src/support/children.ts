// Child processes: started pinned to a core, spoken to by lines, and ended by their own pid whatever happens here.
// In: a command. Out: its lines, or an error that carries what it wrote to stderr. Never leaves a child behind.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

const STDERR_KEPT = 4_000
const STOP_PATIENCE = 2_000

export interface SpawnOptions {
  /** The one core the process may use, or null for any. */
  readonly core: number | null
  /** Seconds after which the child ends itself, and is killed if it does not. */
  readonly lifetime: number
}

/** Who starts programs. */
export interface Starter {
  start(command: readonly string[], options: SpawnOptions): Child
}

/** Every child that is alive. One registry per run. */
export class Children implements Starter {
  private readonly alive: Set<Child>

  constructor() {
    this.alive = new Set()
    process.on('exit', () => this.killAll())
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143))
    }
  }

  /** Starts a program with its arguments. */
  start(command: readonly string[], options: SpawnOptions): Child {
    const line = options.core === null ? command : ['taskset', '-c', String(options.core), ...command]
    const child = new Child(line, options.lifetime, () => this.alive.delete(child))
    this.alive.add(child)
    return child
  }

  /** Kills at once, without waiting: for the way out. */
  killAll(): void {
    for (const child of this.alive) child.kill()
  }
}

/** One running program. */
export class Child {
  readonly pid: number
  private readonly process: ChildProcess
  private readonly lines: string[]
  private readonly exited: Promise<void>
  private readonly timer: NodeJS.Timeout
  private stderr: string
  private ended: boolean
  private wake: (() => void) | null

  constructor(line: readonly string[], lifetime: number, onExit: () => void) {
    const [program = '', ...args] = line
    const environment = { ...process.env, BENCH_LIFETIME: String(lifetime), NO_COLOR: '1' }
    this.process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment })
    this.pid = this.process.pid ?? -1
    this.lines = []
    this.stderr = ''
    this.ended = false
    this.wake = null
    this.timer = setTimeout(() => this.kill(), (lifetime + 5) * 1000)
    this.process.stdin?.on('error', () => undefined)
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => this.keepStderr(text))
    if (this.process.stdout !== null) {
      createInterface({ input: this.process.stdout }).on('line', (text) => this.keepLine(text))
    }
    this.exited = new Promise((resolve) => {
      const settle = (reason: string): void => {
        this.keepStderr(reason)
        this.ended = true
        clearTimeout(this.timer)
        onExit()
        this.wake?.()
        resolve()
      }
      this.process.once('error', (error) => settle(error.message))
      this.process.once('close', (code, signal) => settle(code === 0 ? '' : `ended with ${code ?? signal}`))
    })
  }

  /** Waits for a line that begins with `word` and returns what follows it. Lines before it are dropped. */
  async expect(word: string, timeout: number): Promise<string> {
    const deadline = performance.now() + timeout
    for (;;) {
      for (let line = this.lines.shift(); line !== undefined; line = this.lines.shift()) {
        if (line.startsWith(word)) return line.slice(word.length).trim()
      }
      if (this.ended) throw new Error(`the process ended before it said "${word}": ${this.stderr.trim()}`)
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`no "${word}" within ${timeout} ms: ${this.stderr.trim()}`)
      await this.nextLine(left)
    }
  }

  /** Runs to its end and returns everything it printed. */
  async output(): Promise<string> {
    await this.exited
    return this.lines.join('\n')
  }

  tell(line: string): void {
    this.process.stdin?.write(`${line}\n`)
  }

  signal(name: NodeJS.Signals): void {
    if (!this.ended) this.process.kill(name)
  }

  kill(): void {
    this.signal('SIGKILL')
  }

  /** Asks it to end, insists after a while, and returns once it is gone. */
  async stop(): Promise<void> {
    this.signal('SIGTERM')
    const insist = setTimeout(() => this.kill(), STOP_PATIENCE)
    await this.exited
    clearTimeout(insist)
  }

  private nextLine(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout)
      this.wake = () => {
        clearTimeout(timer)
        this.wake = null
        resolve()
      }
    })
  }

  private keepLine(text: string): void {
    this.lines.push(text)
    this.wake?.()
  }

  private keepStderr(text: string): void {
    this.stderr = (this.stderr + text).slice(-STDERR_KEPT)
  }
}
