// How much memory this process holds, in which the server under attack lives. What nobody holds any more is not counted: it is collected first.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const collect: () => void = collector()

function collector(): () => void {
  const bun = Reflect.get(globalThis, 'Bun') as { gc(isSync: boolean): void } | undefined
  if (bun !== undefined) return () => bun.gc(true)
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** Bytes in the heap and beside it. */
export async function held(): Promise<number> {
  for (let round = 0; round < 2; round++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}
