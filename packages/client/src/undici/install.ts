import { checkInstallOptions } from '../check.ts'
import type { Client } from '../client.ts'
import type { ClientOptions } from '../options.ts'
import { ClientDispatcher, type DispatcherOptions, type HyperDispatcher } from './dispatcher.ts'

// install: the fetch of this process, and every undici in it, on this engine. In: a client. Out: what puts everything back.

/** What is installed, and for how long. */
export interface InstallOptions extends DispatcherOptions {
  /** Who sends the requests. Default: a client of its own; options make it another one of its own. */
  readonly client?: Client | ClientOptions | undefined
}

/** What {@link install} has done. */
export interface Installation {
  readonly dispatcher: HyperDispatcher
  /**
   * Puts back what was there before, where nobody has put something else there meanwhile. Requests under way go on. An
   * undici 8 that was loaded meanwhile on Node 22, where nothing was there for it, and has sent requests, keeps this
   * dispatcher: it has no other.
   */
  uninstall(): void
  /** As {@link uninstall}: `using installation = install()`. */
  [Symbol.dispose](): void
}

/**
 * Makes this engine the global dispatcher: Node's `fetch`, `WebSocket` and `EventSource` run on it from now on, and so does
 * every copy of undici in this process that is not told otherwise.
 * @throws HyperError `INVALID_OPTION`
 */
export function install(given: InstallOptions = {}): Installation {
  checkInstallOptions(given)
  const { client, ...options } = given
  const dispatcher = new ClientDispatcher(client, options)
  // Node loads its undici when it is first needed. It must have put its own dispatcher there before: or nothing would be
  // there once this one is gone.
  void globalThis.Headers
  const undo = PLACES.map((place) => put(place, dispatcher))
  const uninstall = (): void => undo.forEach((step) => step())
  return { dispatcher, uninstall, [Symbol.dispose]: uninstall }
}

/** Where undici looks: the first one undici 8 and Node 26, the second one those before them. */
const PLACES: readonly symbol[] = [
  Symbol.for('undici.globalDispatcher.2'),
  Symbol.for('undici.globalDispatcher.1'),
]

/** What is at a place. */
interface Found {
  readonly isThere: boolean
  readonly value: unknown
}

/**
 * What dispatchers found that are uninstalled: who is uninstalled after one of them, and found it, puts back what that one
 * had found.
 */
const gone: WeakMap<object, Map<symbol, Found>> = new WeakMap()

// undici makes these properties so that they can be written, but not defined anew.
function put(place: symbol, dispatcher: ClientDispatcher): () => void {
  const before: Found = { isThere: Object.hasOwn(globalThis, place), value: Reflect.get(globalThis, place) }
  Reflect.set(globalThis, place, dispatcher)
  return () => {
    gone.set(dispatcher, (gone.get(dispatcher) ?? new Map<symbol, Found>()).set(place, before))
    if (Reflect.get(globalThis, place) !== dispatcher) return
    const { isThere, value } = stillThere(place, before)
    if (isThere) Reflect.set(globalThis, place, value)
    else if (!dispatcher.isFound) Reflect.deleteProperty(globalThis, place)
  }
}

function stillThere(place: symbol, found: Found): Found {
  const { value } = found
  const earlier = typeof value === 'object' && value !== null ? gone.get(value)?.get(place) : undefined
  return earlier === undefined ? found : stillThere(place, earlier)
}
