import { userError } from '@hyper/core/error'
import { denoApi } from './deno-api.ts'

// Signals of the process, by Deno. In: names, and who wants to hear of them. Out: a call for each, until that is given up.

/**
 * Calls back for each of these signals that the process gets (`'SIGTERM'`), in place of what the platform does by itself.
 * @returns ends that
 * @throws HyperError `INVALID_OPTION` for what Deno takes for no signal that can be heard
 */
export function onSignals(names: readonly string[], heard: (name: string) => void): () => void {
  const deno = denoApi()
  const listeners: [name: string, listener: () => void][] = []
  const stop = (): void => {
    for (const [name, listener] of listeners.splice(0)) deno.removeSignalListener(name, listener)
  }
  // The same name twice would call back twice.
  for (const name of new Set(names)) {
    const listener = (): void => heard(name)
    try {
      deno.addSignalListener(name, listener)
    } catch (error) {
      stop()
      const said = error instanceof Error ? error.message : String(error)
      throw userError('INVALID_OPTION', `signals: ${said}`, error)
    }
    listeners.push([name, listener])
  }
  return stop
}
