// Pours bytes into a connection, as fast as it takes them. In: what to send. Out: how much was taken, and how it ended.
// Nothing is kept here but one piece, so that growth of memory is the server's.
import { connect, type Socket } from 'node:net'
import type { Target } from './attack.ts'

/** What to pour. */
export interface Pouring {
  readonly start: string
  /** Sent again and again after `start`. */
  readonly piece: string
  /** Stops after so many bytes. */
  readonly total: number
  /** Milliseconds without progress after which we stop. */
  readonly patience: number
  /** False: nothing that the server sends is ever read. Default true. */
  readonly read?: boolean
}

/** What came of it. */
export interface Poured {
  /** Bytes that have left this process. */
  readonly sent: number
  /** The server ended or reset the connection. */
  readonly ended: boolean
  /** What was read of its answer. */
  readonly received: string
}

const MOST_RECEIVED = 65_536

/** Pours until the total is reached, the server ends the connection, or nothing moves any more. */
export function pour(target: Target, pouring: Pouring): Promise<Poured> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, allowHalfOpen: true, noDelay: true })
    const piece = Buffer.from(pouring.piece, 'latin1')
    let received = ''
    let isDone = false
    const finish = (ended: boolean): void => {
      if (isDone) return
      isDone = true
      clearTimeout(timer)
      const sent = leftProcess(socket)
      socket.destroy()
      resolve({ sent, ended, received })
    }
    const timer = setTimeout(() => finish(false), pouring.patience)
    const fill = (): void => {
      timer.refresh()
      while (!isDone && socket.bytesWritten < pouring.total) if (!socket.write(piece)) return
    }
    socket.on('connect', () => {
      socket.write(pouring.start, 'latin1')
      fill()
    })
    socket.on('drain', fill)
    socket.on('error', () => finish(true))
    socket.on('close', () => finish(true))
    if (pouring.read === false) return
    socket.on('data', (chunk: Buffer) => {
      if (received.length < MOST_RECEIVED) received += chunk.toString('latin1')
    })
    socket.on('end', () => finish(true))
  })
}

function leftProcess(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength
}
