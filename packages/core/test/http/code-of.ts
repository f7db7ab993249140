import { HyperError } from '../../src/error/index.ts'

/** The code of what a call throws; null when it throws nothing. Anything but a {@link HyperError} goes on. */
export function codeOf(call: () => unknown): string | null {
  try {
    call()
  } catch (error) {
    if (error instanceof HyperError) return error.code
    throw error
  }
  return null
}
