import { readSync } from 'node:fs'
import { type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

// hiddenReset: was the end of a stream a reset? In: a socket that has just told its end. Out: the error that the kernel
// has for it, or null when the peer did send FIN.
//
// libuv before 1.52 (Node 22, and 24 for a while) stops at a read that comes back short and takes a hang-up for the end,
// without asking the kernel. A reset with bytes before it then looks like FIN, and a body that was cut off complete. Only
// another read tells, and the stream does none. With TLS the question has no answer: the end may be the peer's
// close_notify, behind which a reset is no loss, and Node does not tell which it was.

const [major = 0, minor = 0] = (process.versions.uv ?? '').split('.').map(Number)
/** Deno and Bun name a version of libuv as well, but read in ways of their own. */
export const isNode: boolean = process.versions['deno'] === undefined && process.versions['bun'] === undefined
const mayHide: boolean = isNode && process.platform !== 'win32' && major === 1 && minor < 52

const scratch: Uint8Array = new Uint8Array(1)

/** The part of a socket that Node does not type: what it stands on. */
type Described = Socket & { readonly _handle?: { readonly fd?: number } | null }

/** Costs one system call per connection, on those lines only. */
export function hiddenReset(socket: Socket): Error | null {
  if (!mayHide || socket instanceof TLSSocket) return null
  const fd = (socket as Described)._handle?.fd ?? -1
  if (fd < 0) return null
  let code = 'ECONNRESET'
  try {
    // Bytes behind the end (urgent data cuts a read short) are lost, which is as bad.
    if (readSync(fd, scratch) === 0) return null
  } catch (error) {
    code = (error as NodeJS.ErrnoException).code ?? code
    if (code === 'EAGAIN') return null
  }
  return Object.assign(new Error(`read ${code}`), { code, syscall: 'read' })
}
