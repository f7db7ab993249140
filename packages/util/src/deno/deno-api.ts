import { userError } from '@hyper/core/error'

// What is used of Deno, as types of our own: a package for every runtime must not depend on the types of one. Deno's own objects
// fit them.

/** A connection of Deno's: `TcpConn`, `TlsConn` or `UnixConn`. */
export interface DenoConn {
  read(buffer: Uint8Array): Promise<number | null>
  write(bytes: Uint8Array): Promise<number>
  closeWrite(): Promise<void>
  close(): void
  ref(): void
  unref(): void
  readonly localAddr: DenoAddress
  readonly remoteAddr: DenoAddress
}

/** An address of Deno's: `NetAddr` or `UnixAddr`. */
export interface DenoAddress {
  readonly transport: string
}

export interface NetAddress extends DenoAddress {
  readonly hostname: string
  readonly port: number
}

export interface TcpConn extends DenoConn {
  setNoDelay(noDelay: boolean): void
  setKeepAlive(keepAlive: boolean): void
}

export interface TlsConn extends DenoConn {
  handshake(): Promise<{ readonly alpnProtocol: string | null }>
}

export interface DenoListener {
  accept(): Promise<DenoConn>
  close(): void
  ref(): void
  unref(): void
  readonly addr: DenoAddress & Partial<NetAddress> & { readonly path?: string }
}

interface KeyPair {
  readonly cert?: string
  readonly key?: string
}

interface TcpPlace {
  readonly port: number
  readonly hostname: string
}

interface ListenPlace extends TcpPlace {
  readonly tcpBacklog?: number
  readonly reusePort?: boolean
}

export interface StartTls {
  readonly hostname: string
  readonly caCerts: string[]
  readonly alpnProtocols?: string[]
}

/** What is used of the global `Deno`. */
export interface DenoApi {
  listen(place: ListenPlace | { readonly path: string; readonly transport: 'unix' }): DenoListener
  listenTls(place: ListenPlace & KeyPair & { readonly alpnProtocols?: string[] }): DenoListener
  connect(place: TcpPlace & { readonly signal?: AbortSignal | undefined }): Promise<TcpConn>
  connect(place: { readonly path: string; readonly transport: 'unix' }): Promise<DenoConn>
  connectTls(place: TcpPlace & KeyPair & Omit<StartTls, 'hostname'>): Promise<TlsConn>
  startTls(conn: TcpConn, options: StartTls): Promise<TlsConn>
  /** There only with `--unstable-net`. */
  readonly listenDatagram?: unknown
  addSignalListener(name: string, listener: () => void): void
  removeSignalListener(name: string, listener: () => void): void
  unrefTimer(id: number): void
  removeSync(path: string): void
  inspect(value: unknown): string
  readonly permissions: {
    querySync(wanted: { readonly name: 'env'; readonly variable: string }): { readonly state: string }
  }
}

/** Deno's API, asked for when it is needed: this door loads everywhere. @throws HyperError `INVALID_OPTION` elsewhere */
export function denoApi(): DenoApi {
  const api: unknown = Reflect.get(globalThis, 'Deno')
  if (typeof api === 'object' && api !== null) return api as DenoApi
  throw userError('INVALID_OPTION', '@hyper/util/deno works on Deno only; @hyper/util/node is for Node')
}
