// ProxyHandshake: what is said to a proxy until the way is free, without IO. Calling order: write `takeOutput()`; then, for
// whatever arrives, `receive(bytes)` and `takeOutput()` again, until `isDone` or `fault`. Each is bounded in what it holds.

/** Why a proxy gives no way. */
export interface HandshakeFault {
  /** What it said, or failed to say. */
  readonly detail: string
  /** The status of an HTTP proxy; 0 where there is none. */
  readonly status: number
  /** True when another address of the destination may fare better. */
  readonly isAboutAddress: boolean
  readonly cause?: unknown
}

/** One conversation with a proxy. */
export interface ProxyHandshake {
  /** The way is free. */
  readonly isDone: boolean
  /** There will be no way. Set once; nothing is read after that. */
  readonly fault: HandshakeFault | null
  /** What to write now; empty when nothing. */
  takeOutput(): Uint8Array
  /** Bytes of the proxy. @returns how many were the proxy's own words; what follows them is the destination's */
  receive(bytes: Uint8Array): number
  /** The proxy has ended its half. */
  handleEnd(): void
}

/** Nothing to write. */
export const NOTHING: Uint8Array = new Uint8Array(0)

/** The proxy hung up. */
export const HUNG_UP: HandshakeFault = {
  detail: 'it closed the connection before it had answered',
  status: 0,
  isAboutAddress: false,
}

/** A fault that no other address would change. */
export function faultOf(detail: string, status: number = 0, cause?: unknown): HandshakeFault {
  return { detail, status, isAboutAddress: false, cause }
}
