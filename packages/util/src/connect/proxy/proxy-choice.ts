import { userError } from '@hyper/core/error'
import type { ProxyChoice } from './proxied.ts'
import { parseProxy } from './proxy-server.ts'

// What a connector is told of proxies, as rules: a URL is one proxy for everything.

/** @throws HyperError `INVALID_OPTION` */
export function proxyChoiceOf(proxy: ProxyChoice | string | URL | null | undefined): ProxyChoice | null {
  if (proxy == null) return null
  if (typeof proxy !== 'string' && !(proxy instanceof URL)) {
    // Found out at the first request, it would look like a proxy that cannot be reached.
    if (typeof proxy.find === 'function' && !Array.isArray(proxy)) return proxy
    throw userError(
      'INVALID_OPTION',
      'proxy must be the URL of a proxy, or rules: new ProxyRules({ all, no })',
    )
  }
  const server = parseProxy(proxy)
  return { find: () => server }
}
