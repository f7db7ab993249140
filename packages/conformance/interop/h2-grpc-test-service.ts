// The gRPC interop service (grpc.testing.TestService), as its public test description has it, over our native service. Its messages
// are few and small, so their fields are read and written here by number.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Service } from '@hyper/core/service'
import { GrpcError, grpcService, type GrpcCall, type GrpcMethod } from './h2-grpc-kit.ts'

export type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>

const INITIAL = 'x-grpc-test-echo-initial'
const TRAILING = 'x-grpc-test-echo-trailing-bin'

/** Answers all that the interop clients ask. */
export const testService: Service = grpcService(
  new Map<string, GrpcMethod>([
    ['/grpc.testing.TestService/EmptyCall', emptyCall],
    ['/grpc.testing.TestService/UnaryCall', unaryCall],
    ['/grpc.testing.TestService/StreamingOutputCall', fullDuplexCall],
    ['/grpc.testing.TestService/StreamingInputCall', streamingInputCall],
    ['/grpc.testing.TestService/FullDuplexCall', fullDuplexCall],
  ]),
)

async function* emptyCall(call: GrpcCall): AsyncGenerator<Uint8Array> {
  echoMetadata(call)
  await only(call)
  yield new Uint8Array(0)
}

// SimpleRequest: 2 response_size, 7 response_status. SimpleResponse: 1 payload.
async function* unaryCall(call: GrpcCall): AsyncGenerator<Uint8Array> {
  echoMetadata(call)
  const fields = read(await only(call))
  throwStatus(fields)
  yield bytesField(1, payload(numberOf(fields, 2)))
}

// StreamingInputCallRequest: 1 payload. StreamingInputCallResponse: 1 aggregated_payload_size.
async function* streamingInputCall(call: GrpcCall): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const message of call.messages) size += bodyOf(read(message)).length
  yield Buffer.concat([varint(1 << 3), varint(size)])
}

// StreamingOutputCallRequest: 2 response_parameters {1 size, 2 interval_us}, 7 response_status.
async function* fullDuplexCall(call: GrpcCall): AsyncGenerator<Uint8Array> {
  echoMetadata(call)
  for await (const message of call.messages) {
    const fields = read(message)
    for (const parameters of fields.get(2) ?? []) {
      if (typeof parameters === 'number') continue
      const { 0: size, 1: interval } = [numberOf(read(parameters), 1), numberOf(read(parameters), 2)]
      if (interval !== undefined && interval > 0) await sleep(interval / 1_000)
      yield bytesField(1, payload(size ?? 0))
    }
    throwStatus(fields)
  }
}

async function only(call: GrpcCall): Promise<Uint8Array> {
  let last: Uint8Array | null = null
  for await (const message of call.messages) last = message
  if (last === null) throw new GrpcError(13, 'no message')
  return last
}

function echoMetadata({ headers, initial, trailers }: GrpcCall): void {
  const first = headers.get(INITIAL)
  const last = headers.get(TRAILING)
  if (first !== null) initial.set(INITIAL, first)
  if (last !== null) trailers.set(TRAILING, last)
}

// EchoStatus: 1 code, 2 message.
function throwStatus(fields: Fields): void {
  const status = fields.get(7)?.[0]
  if (status === undefined || typeof status === 'number') return
  const inner = read(status)
  const message = inner.get(2)?.[0]
  throw new GrpcError(
    numberOf(inner, 1),
    typeof message === 'object' ? Buffer.from(message).toString('utf8') : '',
  )
}

// Payload: 2 body.
function bodyOf(fields: Fields): Uint8Array {
  const holder = fields.get(1)?.[0]
  const body = typeof holder === 'object' ? read(holder).get(2)?.[0] : undefined
  return typeof body === 'object' ? body : new Uint8Array(0)
}

export function payload(size: number): Uint8Array {
  return bytesField(2, new Uint8Array(size))
}

function numberOf(fields: Fields, id: number): number {
  const value = fields.get(id)?.at(-1)
  return typeof value === 'number' ? value : 0
}

export function bytesField(id: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes])
}

export function varint(value: number): Buffer {
  const out: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128)
  return Buffer.from([...out, value])
}

/** The fields of a message: numbers and bytes, which is all that this service needs. */
export function read(message: Uint8Array): Fields {
  const fields = new Map<number, (number | Uint8Array)[]>()
  let at = 0
  const next = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const key = next()
    const kind = key & 7
    let value: number | Uint8Array = 0
    if (kind === 0) value = next()
    else if (kind === 2) {
      const length = next()
      value = message.subarray(at, at + length)
      at += length
    } else throw new GrpcError(13, `wire type ${kind}`)
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value])
  }
  return fields
}
