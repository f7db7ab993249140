export { CONNECT_PHASE, CONNECT_TIMINGS, FORWARD_PROXY, PROXY, TLS_INFO } from './connector.ts'
export type {
  ConnectContext,
  ConnectLayer,
  Connector,
  ConnectTimings,
  ForwardProxy,
  TlsInfo,
} from './connector.ts'
export { destinationOf } from './destination.ts'
export type { Destination } from './destination.ts'
export type { SocketAddress } from './address.ts'
export { raceAddresses } from './race.ts'
export type { Dial, RaceOptions } from './race.ts'
export type { ResolvedAddress, Resolver } from './resolver.ts'
export { cachedResolver } from './cached-resolver.ts'
export type { CachedResolver, CachedResolverOptions } from './cached-resolver.ts'
export { directConnector } from './direct-connector.ts'
export type { DirectOptions } from './direct-connector.ts'
export type { Overrides } from './overrides.ts'
export type { Secure, SecureOptions } from './secure.ts'
export { parseProxy } from './proxy/proxy-server.ts'
export type { ProxyScheme, ProxyServer } from './proxy/proxy-server.ts'
export { httpTunnel } from './proxy/http-tunnel.ts'
export type { HttpTunnelOptions } from './proxy/http-tunnel.ts'
export { socks4, socks4a, socks5, socks5h } from './proxy/socks.ts'
export type { LocalNames, Socks5Options } from './proxy/socks.ts'
export type { ProxyOptions } from './proxy/through-proxy.ts'
export { ProxyRules } from './proxy/proxy-rules.ts'
export type { Environment, ProxyRulesInit } from './proxy/proxy-rules.ts'
export { proxied } from './proxy/proxied.ts'
export type { ProxiedOptions, ProxyChoice } from './proxy/proxied.ts'
