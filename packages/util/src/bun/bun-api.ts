// What is used of Bun, as types: the packages depend on no types of it. Members that Bun has and does not document bear a note.

/** One connection. All sockets of a listener, or of one kind of connection, share one {@link BunSocketHandler}. */
export interface BunSocket<Data> {
  data: Data
  readonly remoteFamily: string | undefined
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  /** False or null when none was agreed on. */
  readonly alpnProtocol: string | false | null
  /**
   * Answers how many bytes were taken, -1 when it cannot be written any more. The encoding of a string is not documented;
   * without it a string is written as UTF-8.
   */
  write(data: Uint8Array | string, encoding?: 'latin1'): number
  /** Closes; with TLS it says so first, and closes once the peer does. */
  end(): void
  /** Ends our half. */
  shutdown(): void
  /** Closes with a reset. */
  terminate(): void
  pause(): void
  resume(): void
  ref(): void
  unref(): void
  setNoDelay(enable: boolean): boolean
  setKeepAlive(enable: boolean, initialDelay: number): boolean
  reload(options: { readonly socket: BunSocketHandler<Data> }): void
  upgradeTLS<Inner>(options: BunUpgradeOptions<Inner>): [raw: BunSocket<Data>, tls: BunSocket<Inner>]
  getServername(): string | undefined
  getTLSVersion(): string | null
  getCipher(): { readonly standardName?: string } | undefined
  getPeerCertificate(): object | null | undefined
  isSessionReused(): boolean
  setSession(session: Uint8Array): void
  /** Goes on with a handshake whose `serverName` has answered true. Not documented. */
  resumeSNI(context: unknown, isFailed: boolean): void
}

/** What happens on sockets. Bun gives every callback the socket, whose `data` says whose it is. */
export interface BunSocketHandler<Data> {
  readonly open?: (socket: BunSocket<Data>) => void
  /** The memory is the callee's: each chunk has its own. */
  readonly data?: (socket: BunSocket<Data>, chunk: Uint8Array) => void
  readonly drain?: (socket: BunSocket<Data>) => void
  /** The peer has ended its half. */
  readonly end?: (socket: BunSocket<Data>) => void
  readonly close?: (socket: BunSocket<Data>, error?: Error) => void
  /** TLS has failed behind its handshake, or a callback has thrown. */
  readonly error?: (socket: BunSocket<Data>, error: Error) => void
  readonly handshake?: (socket: BunSocket<Data>, success: boolean, error: Error | null) => void
  /** A session that can be resumed. Not documented. */
  readonly session?: (socket: BunSocket<Data>, session: Uint8Array) => void
  readonly connectError?: (socket: BunSocket<Data>, error: Error) => void
  /**
   * Chooses the certificate for a name: a context, undefined for the listener's own, an Error to refuse, or true for later, by
   * `resumeSNI`. Not documented.
   */
  readonly serverName?: (listener: unknown, name: string, socket: BunSocket<Data>) => unknown
}

/** TLS, as far as it is not in `secureContext`. */
export interface BunTls {
  /** The `context` of a `SecureContext` of `node:tls`. Not documented. */
  readonly secureContext: unknown
  readonly serverName?: string
  readonly rejectUnauthorized?: boolean
  readonly requestCert?: boolean
  /** In the form of the wire (RFC 7301 §3.1). */
  readonly ALPNProtocols?: Uint8Array
}

export interface BunUpgradeOptions<Data> {
  /** Not documented. Default false: we are the client. */
  readonly isServer?: boolean
  /** What was read of the connection already. Not documented. */
  readonly initialData?: Uint8Array
  readonly data: Data
  readonly tls: BunTls
  readonly socket: BunSocketHandler<Data>
}

/** Where to listen or to connect. */
export interface BunPlace {
  readonly hostname?: string
  readonly port?: number
  readonly unix?: string
  /** A listening descriptor. Not documented. */
  readonly fd?: number
  /** Not documented for `connect`. */
  readonly localAddress?: string
  readonly localPort?: number
}

export interface BunListenOptions<Data> extends BunPlace {
  readonly socket: BunSocketHandler<Data>
  readonly data?: Data
  readonly tls?: BunTls
  readonly allowHalfOpen: boolean
  readonly reusePort?: boolean
  /** Not documented here. */
  readonly ipv6Only?: boolean
}

export interface BunConnectOptions<Data> extends BunPlace {
  readonly socket: BunSocketHandler<Data>
  readonly data: Data
  readonly allowHalfOpen: boolean
}

export interface BunListener {
  readonly port: number
  readonly hostname: string
  readonly unix?: string
  stop(closeConnections?: boolean): void
  ref(): void
  unref(): void
  /** Fills the object with the address. Not documented. */
  getsockname?(into: { address?: string; port?: number; family?: string }): unknown
}

/** The global `Bun`. */
export interface BunGlobal {
  readonly version: string
  listen<Data>(options: BunListenOptions<Data>): BunListener
  connect<Data>(options: BunConnectOptions<Data>): Promise<BunSocket<Data>>
  readonly dns: {
    lookup(
      name: string,
      options: { readonly family?: 4 | 6 | 0; readonly backend?: 'system' },
    ): Promise<readonly { readonly address: string; readonly family: 4 | 6; readonly ttl?: number }[]>
  }
}

/** Bun itself. The door can be loaded elsewhere, but nothing of it works there. */
export function bun(): BunGlobal {
  return (globalThis as unknown as { readonly Bun: BunGlobal }).Bun
}
