import { wordsOf } from '../connect/failure.ts'
import { lookUp, noAddress, type ResolvedAddress, type Resolver } from '../connect/resolver.ts'
import { nodeResolver, type NodeResolverOptions } from '../node/node-resolver.ts'
import { bun } from './bun-api.ts'

// bunResolver: names to addresses by what Bun has. In: a name. Out: what the system's resolver says (hosts file and all, but no
// TTL), by `Bun.dns`; or what name servers say themselves, by Bun's `node:dns`.

/** Whom a {@link bunResolver} asks: the options of `nodeResolver`. */
export type BunResolverOptions = NodeResolverOptions

/**
 * A resolver of Bun's. It remembers nothing: put `cachedResolver` in front of it.
 * @throws HyperError `INVALID_OPTION`
 */
export function bunResolver(options: BunResolverOptions = {}): Resolver {
  const { family, servers } = options
  if (options.from !== 'system' && (options.from !== undefined || servers !== undefined))
    return nodeResolver(options)
  // The options are looked at in one place.
  nodeResolver(options)
  const inner: Resolver = { resolve: (host) => systemLookup(host, family) }
  return { resolve: (host, signal) => lookUp(inner, host, signal) }
}

async function systemLookup(host: string, family: 4 | 6 | undefined): Promise<readonly ResolvedAddress[]> {
  try {
    const found = await bun().dns.lookup(host, {
      backend: 'system',
      ...(family === undefined ? {} : { family }),
    })
    return found.map(({ address, family: of }) => ({ address, family: of }))
  } catch (error) {
    throw noAddress(host, wordsOf(error as Error, REASONS), error)
  }
}

/** What the resolver means, by its code. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['DNS_ENOTFOUND', 'there is no such name'],
  ['DNS_ENODATA', 'it has no address'],
  ['DNS_ETIMEOUT', 'no name server answered'],
  ['DNS_ESERVFAIL', 'the name server failed'],
  ['DNS_EREFUSED', 'the name server refused'],
  ['DNS_ECONNREFUSED', 'there is no name server'],
])
