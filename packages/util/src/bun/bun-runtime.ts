import { AsyncLocalStorage } from 'node:async_hooks'
import type { Runtime } from '@hyper/core/rt'
import { warn } from '../node/node-runtime.ts'
import { nodeText } from '../node/node-text.ts'
import { distinctFailures } from '../runtime/distinct-failures.ts'
import { type Platform, PlatformRuntime } from '../runtime/platform-runtime.ts'

// The Runtime of Bun: time from `performance`, one coarse wheel, one `setImmediate` per turn, which Bun runs behind the callbacks of
// all sockets that were ready (a microtask runs behind each of them). Text by Buffer, whose slices are Bun's own.

/** Options of {@link createBunRuntime}. */
export interface BunRuntimeOptions {
  /** Takes what background work throws. By default a process warning: once for each distinct failure, 100 at most. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A runtime of one's own; {@link bunRuntime} does for nearly everybody. */
export function createBunRuntime(options: BunRuntimeOptions = {}): Runtime {
  return new PlatformRuntime(BUN, options.onError ?? distinctFailures(warn))
}

const BUN: Platform = {
  clock: {
    now: () => performance.now(),
    wall: () => Date.now(),
  },
  text: nodeText,
  nextTurn: (task) => void setImmediate(task),
  schedule: (task, ms) => setTimeout(task, ms).unref(),
  unschedule: (handle) => clearTimeout(handle as NodeJS.Timeout),
  snapshot: () => AsyncLocalStorage.snapshot(),
}

/** Clock, timer, deferral and text codec of Bun. One for the whole process: all connections share its wheel. */
export const bunRuntime: Runtime = /* @__PURE__ */ createBunRuntime()
