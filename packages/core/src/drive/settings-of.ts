import type { Runtime, TextCodec } from '../rt/index.ts'

// What is made of an options object, kept with it: the same object is given for every connection, and resolved once.

/** What all options of drivers have in common. */
interface DriverOptions {
  readonly runtime: Runtime
  readonly text?: TextCodec | undefined
}

/**
 * A function from options to settings that makes them once per object.
 * @param make resolves and checks; it gets the runtime's text codec where the options bring none
 */
export function settingsOf<O extends DriverOptions, S>(make: (options: O) => S): (options: O) => S {
  const kept = new WeakMap<O, S>()
  return (options) => {
    let settings = kept.get(options)
    if (settings === undefined) {
      settings = make({ ...options, text: options.text ?? options.runtime.text })
      kept.set(options, settings)
    }
    return settings
  }
}
