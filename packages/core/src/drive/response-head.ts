import type { ServerMachine } from '../h1/server-machine.ts'
import type { HttpResponse } from '../http/response.ts'

// The head of a response, as `sendMessage` has it sent by an HTTP/1 machine.

export function sendResponseHead(
  machine: ServerMachine,
  { headers, reason, status }: HttpResponse,
  length: number,
  trailers: boolean,
): boolean {
  return machine.sendHead(status, reason, headers, length, trailers)
}
