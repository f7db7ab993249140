// What every JavaScript server here shares: how it says that it is ready, how it collects garbage on demand, how it ends.
// In: the environment (BENCH_LIFETIME seconds). Out: `listening <port>` on stdout. Nothing here runs per request.

/** The answer to `/`, the same everywhere. */
export const HELLO = 'Hello, World!'
export const CHUNK_SIZE = 65_536
/** Bytes a slow reader or writer moves per second. */
export const SLOW_RATE = 10 * 1024 * 1024

/** Says on which port the server listens, and makes sure that the process ends even when nobody ends it. */
export function announce(port: number): void {
  const lifetime = Number(process.env['BENCH_LIFETIME'] ?? 600)
  setTimeout(() => process.exit(0), lifetime * 1000).unref()
  process.on('SIGUSR2', () => void collect())
  process.on('SIGTERM', () => process.exit(0))
  console.log(`listening ${port}`)
}

// Needs --expose-gc, but on Bun; twice, because finalizers of the first round free more.
async function collect(): Promise<void> {
  const bun = Reflect.get(globalThis, 'Bun') as { gc(isSync: boolean): void } | undefined
  for (let round = 0; round < 3; round += 1) {
    if (bun === undefined) globalThis.gc?.()
    else bun.gc(true)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  console.log('collected')
}

/** N of `/bytes/N`, or -1. */
export function bytesWanted(path: string): number {
  return path.startsWith('/bytes/') ? Number(path.slice(7)) : -1
}

/** How long to wait so that `moved` bytes since `began` keep to {@link SLOW_RATE}, in milliseconds. */
export function paceDelay(moved: number, began: number): number {
  return Math.max(0, (moved / SLOW_RATE) * 1000 - (performance.now() - began))
}
