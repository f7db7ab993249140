import { userError } from '@hyper/core/error'
import type { Destination } from '../destination.ts'
import { NoProxy } from './no-proxy.ts'
import { parseProxy, type ProxyServer } from './proxy-server.ts'

// ProxyRules: which proxy for which destination. In: URLs by kind of destination, as people have them in their environment.
// Out: a proxy, or null for the direct way.

/** Proxies by what they are for; each is a URL, or a host and port for an HTTP proxy. Empty text is none. */
export interface ProxyRulesInit {
  /** For what neither `http` nor `https` is said of. */
  readonly all?: string | null | undefined
  /** For `http:` destinations. */
  readonly http?: string | null | undefined
  /** For `https:` destinations. */
  readonly https?: string | null | undefined
  /**
   * What is reached directly, between commas: names (those below them too), addresses, networks (`10.0.0.0/8`), each with a
   * port or without; `*` for everything.
   */
  readonly no?: string | null | undefined
}

/** The variables of a process: `process.env`, `Deno.env.toObject()`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Says which proxy leads to a destination. */
export class ProxyRules {
  private readonly http: ProxyServer | null
  private readonly https: ProxyServer | null
  private readonly no: NoProxy

  /**
   * @throws HyperError `INVALID_OPTION` for what is no URL of a proxy, and for a name that is none of these: nothing is passed
   * over in silence, and sent past a proxy
   */
  constructor(init: ProxyRulesInit) {
    ensureRules(init)
    const all = read('all', init.all)
    this.http = read('http', init.http) ?? all
    this.https = read('https', init.https) ?? all
    this.no = new NoProxy(init.no ?? '')
  }

  /**
   * The rules of an environment: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, each in upper case before lower
   * case. Under CGI (`REQUEST_METHOD` is set) `HTTP_PROXY` counts for nothing: there a client sets it, with a field named
   * `Proxy` (CVE-2016-5385).
   * @throws HyperError `INVALID_OPTION`
   */
  static fromEnvironment(environment: Environment): ProxyRules {
    const of = (name: string): string | undefined =>
      environment[name.toUpperCase()] || environment[name] || undefined
    const isCgi = environment['REQUEST_METHOD'] !== undefined
    return new ProxyRules({
      all: of('all_proxy'),
      http: isCgi ? undefined : of('http_proxy'),
      https: of('https_proxy'),
      no: of('no_proxy'),
    })
  }

  /** True when no destination has a proxy. */
  get isEmpty(): boolean {
    return this.http === null && this.https === null
  }

  /** The proxy for a destination; null for the direct way. */
  find({ host, port, secure }: Destination): ProxyServer | null {
    const server = secure ? this.https : this.http
    return server === null || this.no.matches(host, port) ? null : server
  }
}

function ensureRules(init: ProxyRulesInit): void {
  if (typeof init !== 'object' || init === null || init instanceof URL)
    throw userError('INVALID_OPTION', 'rules for proxies are an object: { all, http, https, no }')
  for (const name in init)
    if (!NAMES.includes(name))
      throw userError('INVALID_OPTION', `${name} is no rule for proxies; these are: ${NAMES.join(', ')}`)
}

const NAMES: readonly string[] = ['all', 'http', 'https', 'no'] satisfies (keyof ProxyRulesInit)[]

function read(name: string, url: string | null | undefined): ProxyServer | null {
  if (url == null || url.trim() === '') return null
  try {
    return parseProxy(url)
  } catch (error) {
    throw userError('INVALID_OPTION', `proxy for ${name}: ${(error as Error).message}`, error)
  }
}
