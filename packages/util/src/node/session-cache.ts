// Sessions of TLS, by who they are with, so that the next connection need not do the whole handshake. Bounded: the one that
// was not used for the longest goes first.

/** TLS sessions of one connector. */
export class SessionCache {
  private readonly sessions: Map<string, Buffer>
  private readonly limit: number

  constructor(limit: number) {
    this.sessions = new Map()
    this.limit = limit
  }

  get size(): number {
    return this.sessions.size
  }

  get(key: string): Buffer | undefined {
    const session = this.sessions.get(key)
    if (session !== undefined) this.put(key, session)
    return session
  }

  put(key: string, session: Buffer): void {
    this.sessions.delete(key)
    this.sessions.set(key, session)
    for (const oldest of this.sessions.keys()) {
      if (this.sessions.size <= this.limit) break
      this.sessions.delete(oldest)
    }
  }

  /** A session that did not help: the server may not like it. */
  drop(key: string): void {
    this.sessions.delete(key)
  }
}
