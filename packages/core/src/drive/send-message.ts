import type { Body } from '../body/body.ts'
import { FullBody } from '../body/full.ts'
import { userError } from '../error/index.ts'
import { UNKNOWN_LENGTH } from '../h1/encode/plan.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { TextCodec } from '../rt/index.ts'

// A message to a machine, either role. What is there already (text, bytes) goes out with the head, without a stream or
// a promise in between; text that is plain ASCII is not even encoded.

/** Up to this length, text that is plain ASCII goes out as it is; longer text is encoded. */
const TEXT_BELOW = 4096

/** What is needed of a machine. */
interface Sender {
  readonly settings: { readonly text: TextCodec }
  sendText(text: string): void
  sendData(chunk: Uint8Array): void
  sendEnd(trailers: HeaderMap | null): void
}

/** Writes the head of `message`; true when a body is to follow. */
export type SendHead<M, T> = (machine: M, message: T, length: number, trailers: boolean) => boolean

/**
 * Sends the head, and the body when it is there already.
 * @returns the body that is still to be sent, or null when the message is complete
 * @throws HyperError `BODY_USED`, and as `sendHead`
 */
export function sendMessage<M extends Sender, T>(
  machine: M,
  payload: string | Uint8Array | Body | null,
  message: T,
  sendHead: SendHead<M, T>,
): Body | null {
  if (payload === null) {
    if (sendHead(machine, message, 0, false)) machine.sendEnd(null)
    return null
  }
  if (typeof payload === 'string') return sendText(machine, payload, message, sendHead)
  if (payload instanceof Uint8Array) return sendBytes(machine, payload, message, sendHead)
  // Before the head is out: a body that was read elsewhere must not pass for an empty one.
  if (payload.used) throw userError('BODY_USED', null)
  if (payload instanceof FullBody) {
    if (payload.chars !== null) return sendText(machine, payload.chars, message, sendHead)
    if (payload.data !== null) return sendBytes(machine, payload.data, message, sendHead)
  }
  if (payload.isEnd && !payload.mayHaveTrailers) {
    if (sendHead(machine, message, 0, false)) machine.sendEnd(null)
    return null
  }
  const { lower, upper } = payload.sizeHint
  if (sendHead(machine, message, lower === upper ? lower : UNKNOWN_LENGTH, payload.mayHaveTrailers))
    return payload
  payload.cancel()
  return null
}

function sendText<M extends Sender, T>(machine: M, text: string, message: T, sendHead: SendHead<M, T>): null {
  const codec = machine.settings.text
  // As many bytes as characters: ASCII, which needs no encoding.
  if (text.length > TEXT_BELOW || codec.utf8Length(text) !== text.length)
    return sendBytes(machine, codec.encodeUtf8(text), message, sendHead)
  if (sendHead(machine, message, text.length, false)) {
    machine.sendText(text)
    machine.sendEnd(null)
  }
  return null
}

function sendBytes<M extends Sender, T>(
  machine: M,
  bytes: Uint8Array,
  message: T,
  sendHead: SendHead<M, T>,
): null {
  if (sendHead(machine, message, bytes.length, false)) {
    machine.sendData(bytes)
    machine.sendEnd(null)
  }
  return null
}
