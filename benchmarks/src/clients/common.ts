// What every client under test shares: counting, the clock, and the process's own CPU time at the edges of the measured span.
// In: `<port> <connections> <warmup seconds> <seconds>`. Out: one JSON line, then the process ends. Clients read each body whole.
import { Histogram } from '../load/histogram.ts'
import { cpuMicros, memoryOf } from '../support/proc.ts'

/** The text that each answer must hold. */
export const HELLO = 'Hello, World!'

export interface ClientResult {
  readonly requests: number
  readonly seconds: number
  /** CPU microseconds of the measured span, or null where there is no /proc. */
  readonly cpu: number | null
  readonly resident: number | null
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

export const port: number = Number(process.argv[2])
/** Connections, or streams of one connection. */
export const connections: number = Number(process.argv[3])
const warmup = Number(process.argv[4])
const seconds = Number(process.argv[5])

/** Counts requests of the measured span. */
class Meter {
  private readonly histogram: Histogram
  private requests: number
  private began: number
  private cpuBefore: number

  constructor() {
    this.histogram = new Histogram()
    this.requests = 0
    this.began = 0
    this.cpuBefore = 0
  }

  run(): void {
    setTimeout(() => {
      this.requests = 0
      this.histogram.clear()
      this.cpuBefore = cpuMicros('self') ?? Number.NaN
      this.began = performance.now()
      setTimeout(() => this.finish(), seconds * 1000)
    }, warmup * 1000)
  }

  /** One answer is whole; `startedAt` as `performance.now()` gave it. */
  answered(startedAt: number): void {
    this.requests += 1
    this.histogram.add((performance.now() - startedAt) * 1000)
  }

  private finish(): void {
    const cpu = (cpuMicros('self') ?? Number.NaN) - this.cpuBefore
    const result: ClientResult = {
      requests: this.requests,
      seconds: (performance.now() - this.began) / 1000,
      cpu: Number.isNaN(cpu) ? null : cpu,
      resident: memoryOf(process.pid)?.resident ?? null,
      p50: this.histogram.percentile(0.5),
      p90: this.histogram.percentile(0.9),
      p99: this.histogram.percentile(0.99),
    }
    console.log(`result ${JSON.stringify(result)}`)
    process.exit(0)
  }
}

export const meter: Meter = new Meter()

/** Ends the process with a message: a benchmark that met an error has measured something else. */
export function fail(error: unknown): never {
  console.error(error)
  process.exit(1)
}

/** Keeps `connections` loops busy with a client that gives promises. `once` returns the body's text. */
export function runLoops(once: (slot: number) => Promise<string>): void {
  for (let slot = 0; slot < connections; slot += 1) loop(slot, once).catch(fail)
  meter.run()
}

async function loop(slot: number, once: (slot: number) => Promise<string>): Promise<void> {
  for (;;) {
    const startedAt = performance.now()
    const text = await once(slot)
    if (text !== HELLO) throw new Error(`another answer: ${text}`)
    meter.answered(startedAt)
  }
}
