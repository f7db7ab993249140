// Why there is no connection, in words. The codes are those of the system, which Node and Bun both give.

/** What the system means when a connection does not come to be, by its code. */
export const CONNECT_FAILURES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nobody listens there'],
  ['ECONNRESET', 'the connection was reset at once'],
  ['ETIMEDOUT', 'nobody answered'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ENETUNREACH', 'there is no way to that network'],
  ['EADDRNOTAVAIL', 'we have no such address'],
  ['EADDRINUSE', 'our own port is taken'],
  ['EACCES', 'the system does not allow it'],
  ['EMFILE', 'this process has no descriptor left'],
  ['ENFILE', 'the system has no descriptor left'],
  ['ENOENT', 'there is no such socket'],
])
