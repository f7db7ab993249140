import { userError } from '@hyper/core/error'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'

// Certificates by name (RFC 6066 §3). In: names and what each is served with. Out: the context for the name that a client
// asks for. Every certificate is read once; the order of the names makes no difference.

/** Answers what a client has asked for by SNI; without a context the certificate of the server itself is used. */
export type NameCallback = (
  name: string,
  answer: (error: Error | null, context?: SecureContext) => void,
) => void

/**
 * A name stands for itself, `*.name` for every name with one label before it (RFC 6125 §6.4.3).
 * @throws HyperError `INVALID_OPTION`
 */
export function namesCallback(
  contexts: Readonly<Record<string, SecureContextOptions>>,
  common: SecureContextOptions,
): NameCallback {
  const made = new Map<string, SecureContext>()
  for (const [name, own] of Object.entries(contexts))
    made.set(plain(name), contextOf(name, { ...common, ...own }))
  return (name, answer) => {
    const asked = plain(name)
    answer(null, made.get(asked) ?? made.get(`*${asked.slice(asked.indexOf('.'))}`))
  }
}

/**
 * Asks `names`, which may be anybody's. The first answer counts. What it throws, or rejects with where it is an async function
 * (that would end the process), costs the connection and goes to `onFault`: no client is to blame for it.
 */
export function answerName(
  names: NameCallback,
  name: string,
  answer: Parameters<NameCallback>[1],
  onFault: (error: unknown) => void,
): void {
  let isAnswered = false
  const once: typeof answer = (error, context) => {
    if (isAnswered) return
    isAnswered = true
    answer(error, context)
  }
  const failed = (thrown: unknown): void => {
    onFault(thrown)
    once(thrown instanceof Error ? thrown : new Error('SNICallback has failed', { cause: thrown }))
  }
  try {
    const returned: unknown = names(name, once)
    Promise.resolve(returned).catch(failed)
  } catch (error) {
    failed(error)
  }
}

function contextOf(name: string, options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options)
  } catch (error) {
    throw userError('INVALID_OPTION', `tls.contexts['${name}']: ${(error as Error).message}`, error)
  }
}

/** Names have no case, and no dot ends one. */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
