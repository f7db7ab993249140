import type { HyperError } from '@hyper/core/error'
import { VirtualRuntime } from '@hyper/testkit'
import type { MakeContext } from '../../src/pool/index.ts'

// A maker that the test plays by hand, and words for what became of a promise.

/** Something that a pool keeps. */
export class Thing {
  readonly name: string
  isUsable: boolean = true
  isDead: boolean = false
  capacity: number = Infinity
  disposed: number = 0
  taken: number = 0

  constructor(name: string) {
    this.name = name
  }
}

/** One call of a maker. */
export interface Making {
  readonly context: MakeContext
  done(): Thing
  fail(error: unknown): void
}

export class Maker {
  readonly runtime: VirtualRuntime = new VirtualRuntime()
  readonly calls: Making[] = []

  readonly make = (context: MakeContext): Promise<Thing> => {
    const { promise, resolve, reject } = Promise.withResolvers<Thing>()
    const name = String.fromCharCode(97 + this.calls.length)
    this.calls.push({
      context,
      done: () => {
        const thing = new Thing(name)
        resolve(thing)
        return thing
      },
      fail: reject,
    })
    return promise
  }

  /** The options that all pools of things share. */
  get options(): {
    make: (context: MakeContext) => Promise<Thing>
    runtime: VirtualRuntime
    onTake: (thing: Thing) => void
    dispose: (thing: Thing) => void
  } {
    const { make, runtime } = this
    return { make, runtime, onTake: (thing) => void thing.taken++, dispose: (thing) => void thing.disposed++ }
  }
}

/** Resolves once all microtasks have run. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The code of the error that something rejects with, `'none'` when it does not. */
export async function codeOf(promise: unknown): Promise<unknown> {
  try {
    await promise
    return 'none'
  } catch (error) {
    return (error as HyperError).code ?? (error as Error).message
  }
}

/** Whether a promise is settled after all microtasks. */
export async function isPending(promise: unknown): Promise<boolean> {
  let pending = true
  const over = (): void => void (pending = false)
  Promise.resolve(promise).then(over, over)
  await quiet()
  return pending
}

/** As `Promise.all`, of what may be there at once. */
export function all<T>(list: readonly (T | Promise<T>)[]): Promise<T[]> {
  return Promise.all(list.map(async (each) => each))
}
