import { HyperError } from '@hyper/core/error'
import type { HttpResponse } from '@hyper/core/http'
import { type RedirectMode, type RedirectPolicy, type Redirects, URL_LIST } from '../layers/redirect.ts'
import { isRedirect } from '../layers/redirect-rules.ts'
import { blocked, isBlocked } from './fetch-url.ts'

// Redirects as fetch has them. In: what the caller of fetch has said, and the client. Out: what the client's redirect layer
// is told, and what its answer means. A client that has a policy of its own keeps it, unless the caller says otherwise.

/** Redirects of one fetch (Fetch, "HTTP-redirect fetch"). */
const MOST = 20

/** How a fetch follows redirects. */
export class FetchRedirects {
  /** What the redirect layer is told when the caller has said nothing. */
  readonly follow: Redirects
  /** The client decides what is followed: what it has not followed is an answer. */
  private readonly isOwn: boolean

  /** @param own the client's option. */
  constructor(own: Redirects | undefined) {
    const { maxRedirects = MOST, policy = 'follow' } = typeof own === 'object' ? own : { policy: own }
    this.isOwn = policy !== 'follow'
    this.follow =
      typeof policy === 'string' && this.isOwn ? { maxRedirects } : { maxRedirects, policy: open(policy) }
  }

  /** The option of the client for what the caller has said. */
  optionOf(mode: Request['redirect']): Redirects {
    return mode === 'follow' ? this.follow : mode
  }

  /** Why a response that was not followed is none for a caller who wants to follow, or wants no redirect; null when it is one. */
  refusalOf({ headers, status }: HttpResponse, mode: Request['redirect']): HyperError | null {
    if (!isRedirect(status) || mode === 'manual') return null
    // Fetch, "HTTP fetch": the status alone says that it is one, wherever it leads.
    if (mode === 'error') return refused(`a redirect (${status}) has come, and redirects are not wanted`)
    if (this.isOwn || !headers.has('location')) return null
    return refused(
      `a redirect (${status}) cannot be followed: its body can be sent only once, or its Location is no URL`,
    )
  }
}

function refused(detail: string): HyperError {
  return new HyperError('REDIRECT_REFUSED', detail, { by: 'user', phase: 'headers' })
}

/** Those that fetch has made: of a client that decides by itself. */
const policies: WeakSet<RedirectPolicy> = new WeakSet()

/** Whether a policy is that of fetch, and waits for nobody. */
export function isFetchPolicy(policy: RedirectPolicy): boolean {
  return policies.has(policy)
}

/** The same policy, for ports that are not blocked (Fetch, "main fetch": at each step of the way). */
function open(policy: RedirectMode | RedirectPolicy): RedirectPolicy {
  const made: RedirectPolicy = async (attempt) => {
    const mode = typeof policy === 'function' ? await policy(attempt) : policy
    const to = new URL(attempt.to)
    if (mode !== 'follow' || !isBlocked(to)) return mode
    const { host, origin } = new URL(attempt.from)
    throw new HyperError('REDIRECT_REFUSED', `${origin} redirects to ${to.origin}, and ${blocked(to.port)}`, {
      by: 'peer',
      phase: 'headers',
      statusHint: 502,
      address: host,
      attempts: attempt.urls.length,
    })
  }
  if (typeof policy !== 'function') policies.add(made)
  return made
}

/** The URL of a response, without its fragment. */
export function urlOf(http: HttpResponse, asked: string): string {
  const last = http.extensions.get(URL_LIST)?.at(-1)
  if (last === undefined) return asked
  const hash = last.indexOf('#')
  return hash < 0 ? last : last.slice(0, hash)
}
