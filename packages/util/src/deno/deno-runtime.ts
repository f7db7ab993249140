import { AsyncLocalStorage } from 'node:async_hooks'
import { Buffer } from 'node:buffer'
import type { Runtime, TextCodec } from '@hyper/core/rt'
import { distinctFailures } from '../runtime/distinct-failures.ts'
import { type Platform, PlatformRuntime } from '../runtime/platform-runtime.ts'
import { denoApi } from './deno-api.ts'

// The Runtime of Deno: time from `performance`, one coarse wheel that holds no process open, one `setImmediate` per turn (a message
// on a channel takes twice as long, a timer of 0 ms several milliseconds).

/** Options of {@link createDenoRuntime}. */
export interface DenoRuntimeOptions {
  /**
   * Takes what background work throws. By default it is printed, with its stack and its causes: once for each distinct
   * failure (the same codes from the same lines), and 100 of them at most.
   */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A runtime of one's own; {@link denoRuntime} does for nearly everybody. */
export function createDenoRuntime(options: DenoRuntimeOptions = {}): Runtime {
  return new PlatformRuntime(DENO, options.onError ?? distinctFailures(print))
}

type Slice = (this: Uint8Array, start: number, end: number) => string

// The fastest that Deno has, twice as fast as TextDecoder; `TextDecoder('latin1')` is windows-1252 besides.
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as { latin1Slice: Slice; utf8Slice: Slice }
const encoder = new TextEncoder()

const denoText: TextCodec = {
  latin1(bytes, start, end) {
    return latin1Slice.call(bytes, start, end)
  },
  utf8(bytes, start, end) {
    const hasMark =
      end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf
    return utf8Slice.call(bytes, hasMark ? start + 3 : start, end)
  },
  encodeUtf8(text) {
    return encoder.encode(text)
  },
  utf8Length(text) {
    return Buffer.byteLength(text)
  },
  // `Buffer.from(text, 'latin1')` takes five times as long here.
  encodeLatin1(text) {
    const bytes = new Uint8Array(text.length)
    for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at)
    return bytes
  },
}

const DENO: Platform = {
  clock: {
    now: () => performance.now(),
    wall: () => Date.now(),
  },
  text: denoText,
  nextTurn: (task) => void setImmediate(task),
  schedule(task, ms) {
    // A number on Deno, unless its flag for timers as Node has them is set.
    const handle: unknown = setTimeout(task, ms)
    if (typeof handle === 'number') denoApi().unrefTimer(handle)
    else (handle as NodeJS.Timeout).unref()
    return handle
  },
  unschedule: (handle) => clearTimeout(handle as NodeJS.Timeout),
  snapshot: () => AsyncLocalStorage.snapshot(),
}

/** Clock, timer, deferral and text codec of Deno. One for the whole process: all connections share its wheel. */
export const denoRuntime: Runtime = /* @__PURE__ */ createDenoRuntime()

function print(error: unknown): void {
  // oxlint-disable-next-line no-console -- where else would Deno print it
  console.error(`HyperBackgroundError: ${denoApi().inspect(error)}`)
}
