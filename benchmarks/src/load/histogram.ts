// Latencies in buckets of one microsecond up to 100 ms and one above: no allocation per sample.

const BUCKETS = 100_000

/** Counts durations in microseconds. */
export class Histogram {
  private readonly counts: Uint32Array
  private total: number
  private longest: number

  constructor() {
    this.counts = new Uint32Array(BUCKETS + 1)
    this.total = 0
    this.longest = 0
  }

  add(micros: number): void {
    const bucket = Math.min(BUCKETS, Math.max(0, Math.round(micros)))
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.total += 1
    if (micros > this.longest) this.longest = micros
  }

  clear(): void {
    this.counts.fill(0)
    this.total = 0
    this.longest = 0
  }

  get max(): number {
    return this.longest
  }

  /** The duration that `share` (0 … 1) of the samples do not exceed. */
  percentile(share: number): number {
    const wanted = Math.ceil(this.total * share)
    let seen = 0
    for (let bucket = 0; bucket <= BUCKETS; bucket += 1) {
      seen += this.counts[bucket] ?? 0
      if (seen >= wanted) return bucket === BUCKETS ? this.longest : bucket
    }
    return this.longest
  }
}
