import { ClientMachine, FAILED, HEAD_EVENT, INFORMATIONAL_EVENT } from '@hyper/core/h1'
import { HeaderMap, type HttpResponse, isSuccess } from '@hyper/core/http'
import type { TextCodec } from '@hyper/core/rt'
import { type HandshakeFault, faultOf, HUNG_UP, NOTHING, type ProxyHandshake } from './handshake.ts'

// CONNECT (RFC 9110 §9.3.6): a request whose answer, when it is a 2xx, ends the HTTP. The machine of core writes and
// reads it, so that a proxy is read as strictly as any server.

/** Bytes of the answer's head. Stops a proxy that never comes to its end. */
export const MAX_TUNNEL_HEAD = 8192

/** What the request says. */
export interface TunnelRequest {
  /** `host:port` of the destination: target and Host. */
  readonly authority: string
  readonly headers: HeaderMap | null
  /** For `proxy-authorization`; sensitive. */
  readonly authorization: string | null
  readonly text?: TextCodec | undefined
}

/** One CONNECT, up to the end of its answer's head. */
export class TunnelHandshake implements ProxyHandshake {
  isDone: boolean
  fault: HandshakeFault | null
  private readonly machine: ClientMachine

  /** @throws HyperError for an authority or fields that cannot be sent */
  constructor({ authority, authorization, headers, text }: TunnelRequest) {
    this.isDone = false
    this.fault = null
    this.machine = new ClientMachine({ maxHeadSize: MAX_TUNNEL_HEAD, text })
    const fields = new HeaderMap([['host', authority]])
    for (const [name, value] of headers ?? []) if (name !== 'host') fields.append(name, value)
    if (authorization !== null) {
      fields.set('proxy-authorization', authorization)
      fields.markSensitive('proxy-authorization')
    }
    this.machine.sendHead('CONNECT', authority, '1.1', fields, 0)
  }

  takeOutput(): Uint8Array {
    const { output, settings } = this.machine
    const text = output.take()
    if (text === null) return NOTHING
    return typeof text === 'string' ? settings.text.encodeLatin1(text) : text
  }

  receive(bytes: Uint8Array): number {
    const { machine } = this
    machine.receive(bytes, 0)
    for (;;) {
      const event = machine.nextEvent()
      // 1xx: the answer is still to come.
      if (event === INFORMATIONAL_EVENT) continue
      if (event === HEAD_EVENT && machine.response !== null) return this.takeResponse(machine.response, bytes)
      if (event === FAILED) this.fault = faultOf(machineDetail(machine), 0, machine.error)
      return bytes.length
    }
  }

  handleEnd(): void {
    this.fault ??= HUNG_UP
  }

  private takeResponse(response: HttpResponse, bytes: Uint8Array): number {
    if (isSuccess(response.status)) {
      this.isDone = true
      return bytes.length - this.machine.takeLeftover().length
    }
    this.fault = faultOf(statusDetail(response), response.status)
    return bytes.length
  }
}

function machineDetail({ error }: ClientMachine): string {
  if (error?.code === 'HEAD_TOO_LARGE') return `the head of its answer has more than ${MAX_TUNNEL_HEAD} bytes`
  return `its answer makes no sense: ${error?.message ?? ''}`
}

function statusDetail(response: HttpResponse): string {
  const { status } = response
  if (status !== 407) return `it answered ${status}`
  const asked = response.headers.get('proxy-authenticate')?.split(/[ ,]/, 1)[0] ?? ''
  return `it answered 407: it wants ${asked === '' ? '' : `${asked.slice(0, 20)} `}credentials, or others than it got`
}
