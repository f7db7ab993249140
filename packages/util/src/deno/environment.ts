import process from 'node:process'
import { denoApi } from './deno-api.ts'

/**
 * The environment as far as it may be read: a variable that Deno was not allowed to show is not there, and nobody is asked for it.
 */
export const environment: Readonly<Record<string, string | undefined>> = new Proxy(
  {},
  {
    get(_, name) {
      if (typeof name !== 'string') return undefined
      const { state } = denoApi().permissions.querySync({ name: 'env', variable: name })
      return state === 'granted' ? process.env[name] : undefined
    },
  },
)
