import { lookup } from 'node:dns'
import { wordsOf } from '../connect/failure.ts'
import { lookUp, noAddress, type ResolvedAddress, type Resolver } from '../connect/resolver.ts'

// denoResolver: names to addresses as the system resolves them (getaddrinfo: hosts file and all, but no TTL), which Deno shows by this
// name alone; `Deno.resolveDns` asks name servers, and knows no hosts file.

/** A resolver of Deno's. It remembers nothing: put `cachedResolver` in front of it. */
export function denoResolver(): Resolver {
  const inner: Resolver = { resolve: (host) => systemLookup(host) }
  // getaddrinfo cannot be stopped; nobody waits for it once the signal has fired.
  return { resolve: (host, signal) => lookUp(inner, host, signal) }
}

function systemLookup(host: string): Promise<readonly ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => {
      if (error !== null) reject(noAddress(host, wordsOf(error, REASONS), error))
      else
        resolve(addresses.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }) as const))
    })
  })
}

/** What the resolver means, by its code. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'there is no such name'],
  ['ENODATA', 'it has no address'],
  ['EAI_AGAIN', 'no name server answered'],
])
