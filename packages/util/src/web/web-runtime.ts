import type { Runtime, TextCodec } from '@hyper/core/rt'
import { plainText } from '@hyper/core/rt'
import { type Platform, PlatformRuntime } from '../runtime/platform-runtime.ts'

// The Runtime of any platform with the web's globals: `performance`, `setTimeout`, `TextDecoder`, `MessageChannel`.

/** Options of {@link createWebRuntime}. */
export interface WebRuntimeOptions {
  /** Takes what background work throws; by default `reportError` where there is one, else a new task throws it. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A runtime of one's own; {@link webRuntime} does for nearly everybody. */
export function createWebRuntime(options: WebRuntimeOptions = {}): Runtime {
  return new PlatformRuntime(WEB, options.onError ?? report)
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

// `TextDecoder('latin1')` is windows-1252 by the Encoding standard: bytes 0x80–0x9f would change. Hence core's own.
const webText: TextCodec = {
  latin1: (bytes, start, end) => plainText.latin1(bytes, start, end),
  utf8: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  encodeUtf8: (text) => encoder.encode(text),
  utf8Length: (text) => plainText.utf8Length(text),
  encodeLatin1: (text) => plainText.encodeLatin1(text),
}

const WEB: Platform = {
  clock: {
    now: () => performance.now(),
    wall: () => Date.now(),
  },
  text: webText,
  nextTurn: macrotask,
  schedule: (task, ms) => unref(setTimeout(task, ms)),
  unschedule: (handle) => clearTimeout(handle as number),
}

/** Clock, timer, deferral and text codec of the web's globals, one for the whole process or tab. */
export const webRuntime: Runtime = /* @__PURE__ */ createWebRuntime()

/**
 * The next macrotask. A message on a channel comes at once, where nested `setTimeout(0)` waits 4 ms; the port is opened
 * for each message, because an open port keeps some runtimes alive.
 */
function macrotask(task: () => void): void {
  if (typeof MessageChannel === 'undefined') {
    setTimeout(task, 0)
    return
  }
  const { port1, port2 } = new MessageChannel()
  const onmessage = (): void => {
    port1.close()
    task()
  }
  // The setter also opens the port, which `addEventListener` would not.
  Object.assign(port1, { onmessage })
  port2.postMessage(null)
}

function unref(handle: unknown): unknown {
  // Node, Bun and Deno give timers that can let the process go; in a browser a handle is a number.
  if (
    typeof handle === 'object' &&
    handle !== null &&
    'unref' in handle &&
    typeof handle.unref === 'function'
  ) {
    handle.unref()
  }
  return handle
}

function report(error: unknown): void {
  const reporter: unknown = Reflect.get(globalThis, 'reportError')
  if (typeof reporter === 'function') reporter(error)
  else setTimeout(() => throwIt(error), 0)
}

function throwIt(error: unknown): void {
  throw error
}
