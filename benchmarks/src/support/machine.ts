// The machine and what is on it: cores to pin to, load tools, versions. In: nothing. Out: facts that every report carries.
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memory: number
  readonly kernel: string
  readonly node: string
  /** Where the process under test runs, and where the load runs; null when nothing is pinned. */
  readonly testCore: number | null
  readonly loadCore: number | null
  /** `wrk 4.1.0`, or null when our own generator makes the load. */
  readonly wrk: string | null
  /** `h2load nghttp2/1.52.0`, or null as above: for HTTP/2. */
  readonly h2load: string | null
  /** The one-minute load average before the run: above 0.3 or so, figures are noise. */
  readonly loadBefore: number
}

export function describeMachine(own: boolean, pin: boolean): Machine {
  const cores = availableParallelism()
  const pinned = pin && cores >= 2 && firstLine('taskset', ['--version']) !== null
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    memory: totalmem(),
    kernel: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    testCore: pinned ? 0 : null,
    loadCore: pinned ? 1 : null,
    wrk: own ? null : wrkVersion(),
    h2load: own ? null : firstLine('h2load', ['--version']),
    loadBefore: loadavg()[0] ?? 0,
  }
}

/** What makes the load, for the report. */
export function loadNames({ wrk, h2load }: Machine): string {
  return `${wrk ?? 'our own generator'} and ${h2load ?? 'our own for HTTP/2'}`
}

/** The first line a program prints, or null when it is not on the machine. */
export function firstLine(program: string, args: readonly string[]): string | null {
  try {
    const text = execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    })
    return text.split('\n')[0] ?? ''
  } catch {
    return null
  }
}

// `wrk --version` prints its version and exits with 1.
function wrkVersion(): string | null {
  try {
    execFileSync('wrk', ['--version'], { encoding: 'utf8', stdio: 'pipe' })
    return 'wrk'
  } catch (error) {
    const { stdout } = error as { stdout?: unknown }
    const found = /^wrk (?:debian\/)?(\S+)/.exec(typeof stdout === 'string' ? stdout : '')
    return found === null ? null : `wrk ${found[1]}`
  }
}
