import { AsyncLocalStorage } from 'node:async_hooks'
import type { Runtime } from '@hyper/core/rt'
import { inspect } from 'node:util'
import { distinctFailures } from '../runtime/distinct-failures.ts'
import { type Platform, PlatformRuntime } from '../runtime/platform-runtime.ts'
import { nodeText } from './node-text.ts'

// The Runtime of Node (and of what offers its API): time from `performance`, one coarse wheel, one `setImmediate` per
// turn. It holds no process open by itself, apart from deferred tasks that are about to run.

/** Options of {@link createNodeRuntime}. */
export interface NodeRuntimeOptions {
  /**
   * Takes what background work throws. By default a process warning with the error, its stack and its causes: once for
   * each distinct failure (the same codes from the same lines), so that a hook that always fails does not flood the log,
   * and for 100 of them at most.
   */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A runtime of one's own; {@link nodeRuntime} does for nearly everybody. */
export function createNodeRuntime(options: NodeRuntimeOptions = {}): Runtime {
  return new PlatformRuntime(NODE, options.onError ?? distinctFailures(warn))
}

const NODE: Platform = {
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

/** Clock, timer, deferral and text codec of Node. One for the whole process: all connections share its wheel. */
export const nodeRuntime: Runtime = /* @__PURE__ */ createNodeRuntime()

// A warning, with the error, its stack and its causes.
export function warn(error: unknown, code: string): void {
  const message = error instanceof Error ? error.message : String(error)
  const detail = error instanceof Error ? { detail: inspect(error) } : {}
  process.emitWarning(message, { type: 'HyperBackgroundError', code, ...detail })
}
