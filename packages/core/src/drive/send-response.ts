import type { Body } from '../body/body.ts'
import { FullBody } from '../body/full.ts'
import { UNKNOWN_LENGTH } from '../h1/encode/plan.ts'
import type { ServerMachine } from '../h1/server-machine.ts'
import type { HttpResponse } from '../http/response.ts'

// A response to a machine. What is there already (text, bytes) goes out with the head, without a stream or a promise in
// between; text that is plain ASCII is not even encoded.

/** Up to this length, text is looked through for characters beyond ASCII; longer text is encoded as it is. */
const SCAN_BELOW = 4096

/**
 * Sends the head, and the body when it is there already.
 * @returns the body that is still to be sent, or null when the message is complete
 * @throws HyperError as `ServerMachine.sendHead`
 */
export function sendResponse(machine: ServerMachine, response: HttpResponse): Body | null {
  const { payload } = response
  if (payload === null) {
    if (sendHead(machine, response, 0, false)) machine.sendEnd(null)
    return null
  }
  if (typeof payload === 'string') return sendText(machine, response, payload)
  if (payload instanceof Uint8Array) return sendBytes(machine, response, payload)
  if (payload instanceof FullBody && !payload.used) {
    if (payload.chars !== null) return sendText(machine, response, payload.chars)
    if (payload.data !== null) return sendBytes(machine, response, payload.data)
  }
  const { lower, upper } = payload.sizeHint
  const length = lower === upper ? lower : UNKNOWN_LENGTH
  if (sendHead(machine, response, length, payload.mayHaveTrailers)) return payload
  payload.cancel()
  return null
}

function sendHead(machine: ServerMachine, response: HttpResponse, length: number, trailers: boolean): boolean {
  return machine.sendHead(response.status, response.reason, response.headers, length, trailers)
}

function sendText(machine: ServerMachine, response: HttpResponse, text: string): null {
  if (!isShortAscii(text)) return sendBytes(machine, response, machine.settings.text.encodeUtf8(text))
  if (sendHead(machine, response, text.length, false)) {
    machine.sendText(text)
    machine.sendEnd(null)
  }
  return null
}

function sendBytes(machine: ServerMachine, response: HttpResponse, bytes: Uint8Array): null {
  if (sendHead(machine, response, bytes.length, false)) {
    machine.sendData(bytes)
    machine.sendEnd(null)
  }
  return null
}

function isShortAscii(text: string): boolean {
  if (text.length > SCAN_BELOW) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false
  return true
}
