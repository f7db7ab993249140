import { AsyncLocalStorage } from 'node:async_hooks'
import type { Runtime } from '@hyper/core/rt'
import { inspect } from 'node:util'
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
  snapshot: () => AsyncLocalStorage.snapshot(),
}

/** Clock, timer, deferral and text codec of Node. One for the whole process: all connections share its wheel. */
export const nodeRuntime: Runtime = /* @__PURE__ */ createNodeRuntime()

/** Distinct failures that are told of; one more would not help whoever has not looked at these. */
const MAX_DISTINCT = 100

// What fails again and again must not flood the log, and what fails anew must not be swallowed: failures are the same
// when they have the same codes and come from the same lines, whatever their messages say.
function warnOnce(): (error: unknown) => void {
  const seen = new Set<string>()
  return (error) => {
    const failure = placeOf(error)
    if (seen.has(failure) || seen.size >= MAX_DISTINCT) return
    seen.add(failure)
    const message = error instanceof Error ? error.message : String(error)
    const detail = error instanceof Error ? { detail: inspect(error) } : {}
    process.emitWarning(message, { type: 'HyperBackgroundError', code: codeOf(error), ...detail })
  }
}

/** The codes and stack frames of an error and of its causes. */
function placeOf(error: unknown): string {
  let place = ''
  for (let depth = 0, one = error; one !== undefined && depth < 4; depth++) {
    place += `${codeOf(one)}\n`
    if (!(one instanceof Error)) break
    place += framesOf(one)
    one = one.cause
  }
  return place
}

function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n')
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : error.name
}
