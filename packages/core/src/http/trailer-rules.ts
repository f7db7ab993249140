// Trailer rules: which fields must not stand in a trailer section, whatever the version of HTTP (RFC 9110 §6.5.1): those
// about framing, routing, authentication, or the content itself.

/** Whether a field, by its lower-case name, must not be sent as a trailer. */
export function isForbiddenTrailer(name: string): boolean {
  return FORBIDDEN_TRAILERS.has(name)
}

const FORBIDDEN_TRAILERS: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'host',
  'keep-alive',
  'max-forwards',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
