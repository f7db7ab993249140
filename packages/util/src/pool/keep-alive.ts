// The `Keep-Alive` field (RFC 2068 §19.7.1.1): how long a server says that it keeps a connection which nobody uses.

/** Less than what the server says: one that closes after exactly its time would meet our next request half way. */
export const MARGIN = 1_000

/** Milliseconds that an idle connection may be kept; Infinity when the field is absent or says nothing of the time. */
export function keepAliveOf(field: string | null): number {
  const found = field === null ? null : TIMEOUT.exec(field)
  return found === null ? Infinity : Math.max(0, Number(found[1]) * 1000 - MARGIN)
}

const TIMEOUT = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i
