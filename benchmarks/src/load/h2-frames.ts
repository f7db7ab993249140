// The few HTTP/2 frames (RFC 9113 §4, §6) that the load and the floors write and read by themselves. Nothing is checked here:
// what is compared are servers and clients, not this.

export const DATA = 0
export const HEADERS = 1
export const RST_STREAM = 3
export const SETTINGS = 4
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const END_STREAM = 1
export const ACK = 1
export const END_HEADERS = 4
export const INITIAL_WINDOW_SIZE = 4
export const HEAD_SIZE = 9
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
/** What every peer takes. */
export const FRAME_SIZE = 16_384
export const DEFAULT_WINDOW = 65_535

/** One frame with a copy of its payload. */
export function frame(
  kind: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const bytes = Buffer.alloc(HEAD_SIZE + payload.length)
  bytes.writeUIntBE(payload.length, 0, 3)
  bytes[3] = kind
  bytes[4] = flags
  bytes.writeUInt32BE(stream, 5)
  bytes.set(payload, HEAD_SIZE)
  return bytes
}

export function windowUpdate(stream: number, increment: number): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(increment)
  return frame(WINDOW_UPDATE, 0, stream, payload)
}

/** SETTINGS of pairs of identifier and value. */
export function settings(...pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6)
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, index * 6)
    payload.writeUInt32BE(value, index * 6 + 2)
  }
  return frame(SETTINGS, 0, 0, payload)
}

/** A literal field with incremental indexing and a name of the static table (RFC 7541 §6.2.1). No Huffman, below 127 characters. */
export function literal(nameIndex: number, value: string): Buffer {
  return Buffer.concat([Buffer.of(0x40 | nameIndex, value.length), Buffer.from(value, 'latin1')])
}

/** Takes frames apart, in any cuts. DATA is told in parts as it comes; other payloads are told whole. */
export class FrameSplitter {
  private readonly onFrame: (
    kind: number,
    flags: number,
    stream: number,
    payload: Buffer,
    isLast: boolean,
  ) => void
  private readonly head: Buffer
  private headAt: number
  private kind: number
  private flags: number
  private stream: number
  private left: number
  private held: Buffer | null

  constructor(
    onFrame: (kind: number, flags: number, stream: number, payload: Buffer, isLast: boolean) => void,
  ) {
    this.onFrame = onFrame
    this.head = Buffer.alloc(HEAD_SIZE)
    this.headAt = 0
    this.kind = 0
    this.flags = 0
    this.stream = 0
    this.left = 0
    this.held = null
  }

  receive(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.headAt < HEAD_SIZE) {
        at = this.readHead(chunk, at)
        if (this.headAt < HEAD_SIZE) return
        if (this.left > 0) continue
      }
      at = this.readPayload(chunk, at)
    }
  }

  private readHead(chunk: Buffer, from: number): number {
    if (this.headAt === 0 && chunk.length - from >= HEAD_SIZE) {
      this.begin(chunk, from)
      return from + HEAD_SIZE
    }
    let at = from
    while (this.headAt < HEAD_SIZE && at < chunk.length) this.head[this.headAt++] = chunk[at++] ?? 0
    if (this.headAt === HEAD_SIZE) this.begin(this.head, 0)
    return at
  }

  private begin(bytes: Buffer, at: number): void {
    this.headAt = HEAD_SIZE
    this.left = bytes.readUIntBE(at, 3)
    this.kind = bytes[at + 3] ?? 0
    this.flags = bytes[at + 4] ?? 0
    this.stream = bytes.readUInt32BE(at + 5) & 0x7fffffff
  }

  private readPayload(chunk: Buffer, from: number): number {
    const end = Math.min(chunk.length, from + this.left)
    let part = chunk.subarray(from, end)
    this.left -= end - from
    if (this.kind !== DATA && (this.left > 0 || this.held !== null)) {
      this.held = this.held === null ? Buffer.from(part) : Buffer.concat([this.held, part])
      if (this.left > 0) return end
      part = this.held
      this.held = null
    }
    const isLast = this.left === 0
    if (isLast) this.headAt = 0
    this.onFrame(this.kind, this.flags, this.stream, part, isLast)
    return end
  }
}
