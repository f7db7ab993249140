import type { OnReadOpts, Socket } from 'node:net'

// Reads of dialled sockets into one buffer that all of them share. Otherwise Node allocates 64 KiB for every read and cuts it
// down to what came, which costs a small answer more than copying it out does (benchmarks: `client:get-50`). A read that is no
// small one gets its socket a buffer of its own for the next, which is handed on without a copy, as Node would.
//
// Only one read is under way at any time in a thread, from the system call to the callback, so that sockets cannot meet in
// the buffer. Nothing may be left in it when the callback returns.

const SIZE = 64 * 1024
/** From here on the next read of the socket is expected to be large too. */
const LARGE = 16 * 1024

/** Not zeroed: only what was read is ever seen. */
let shared: Uint8Array | null = null
/** What the socket that was just called reads into next; the shared one for a socket that begins. */
let next: Uint8Array | null = null

/**
 * What `net.connect` takes as `onread`.
 * @param take gets every read of the socket, in memory that it may keep; false stops reading.
 */
export function sharedReads(take: (socket: Socket, chunk: Uint8Array) => boolean): OnReadOpts {
  return {
    buffer: nextBuffer,
    callback(this: Socket, length, buffer) {
      const isOwn = buffer !== shared
      const goesOn = take(
        this,
        isOwn && length >= LARGE ? buffer.subarray(0, length) : copyOf(buffer, length),
      )
      // Not before: what `take` throws goes past `nextBuffer`, and would leave this to another socket.
      if (length >= LARGE) next = Buffer.allocUnsafeSlow(SIZE)
      return goesOn
    },
  }
}

// Node asks for the first buffer when the socket has its handle, and after each callback for that of the next read.
function nextBuffer(): Uint8Array {
  const given = next
  next = null
  shared ??= Buffer.allocUnsafeSlow(SIZE)
  return given ?? shared
}

function copyOf(buffer: Uint8Array, length: number): Uint8Array {
  return Buffer.from(buffer.subarray(0, length))
}
