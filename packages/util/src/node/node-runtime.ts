import type { Runtime } from '@hyper/core/rt'
import { type Platform, PlatformRuntime } from '../runtime/platform-runtime.ts'
import { nodeText } from './node-text.ts'

// The Runtime of Node (and of what offers its API): time from `performance`, one coarse wheel, one `setImmediate` per
// turn. It holds no process open by itself, apart from deferred tasks that are about to run.

/** Options of {@link createNodeRuntime}. */
export interface NodeRuntimeOptions {
  /**
   * Takes what background work throws. By default a process warning, one for each distinct `code` (or error name), so
   * that a hook that always fails does not flood the log.
   */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A runtime of one's own; {@link nodeRuntime} does for nearly everybody. */
export function createNodeRuntime(options: NodeRuntimeOptions = {}): Runtime {
  return new PlatformRuntime(NODE, options.onError ?? warnOnce())
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
}

/** Clock, timer, deferral and text codec of Node. One for the whole process: all connections share its wheel. */
export const nodeRuntime: Runtime = /* @__PURE__ */ createNodeRuntime()

const MAX_DISTINCT = 100

function warnOnce(): (error: unknown) => void {
  const seen = new Set<string>()
  return (error) => {
    const code = codeOf(error)
    if (seen.has(code) || seen.size >= MAX_DISTINCT) return
    seen.add(code)
    const message = error instanceof Error ? error.message : String(error)
    const detail = error instanceof Error && error.stack !== undefined ? { detail: error.stack } : {}
    process.emitWarning(message, { type: 'HyperBackgroundError', code, ...detail })
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : error.name
}
