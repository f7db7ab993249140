// Times one piece of work in this process. In: a function that does it n times. Out: nanoseconds per time, median of samples.
// Each piece has a process of its own, so that no other has shaped the types its code has seen.

export type Work = (times: number) => void | Promise<void>

/** How long a sample takes, roughly; long beside the clock's grain and a scavenge, short beside a round. */
const SAMPLE_MILLIS = 20
const WARMUP_MILLIS = 400
const MOST_TIMES = 1e8

/** @returns nanoseconds per time */
export async function measure(work: Work, seconds: number): Promise<number> {
  const times = await calibrate(work)
  const samples: number[] = []
  const until = performance.now() + seconds * 1000
  while (performance.now() < until || samples.length < 5) {
    samples.push((await elapsed(work, times)) / times)
  }
  samples.sort((a, b) => a - b)
  return (samples[samples.length >> 1] ?? Number.NaN) * 1e6
}

async function calibrate(work: Work): Promise<number> {
  let times = 1
  const until = performance.now() + WARMUP_MILLIS
  for (;;) {
    const took = await elapsed(work, times)
    if (took < SAMPLE_MILLIS && times < MOST_TIMES) times *= 2
    else if (performance.now() > until) return times
  }
}

async function elapsed(work: Work, times: number): Promise<number> {
  const began = performance.now()
  const done = work(times)
  if (done !== undefined) await done
  return performance.now() - began
}
