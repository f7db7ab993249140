// Chunkings: one byte sequence, cut in every way that a transport may cut it. A parser must give the same events for
// all of them. In: bytes (or Latin-1 text). Out: chunks that never are empty, and never share memory with each other,
// so that a parser that keeps or changes a chunk is found out.

/** One way to deliver a byte sequence. */
export interface Chunking {
  /** For the message of a failing assertion, for example `'cut at 17'`. */
  readonly name: string
  readonly chunks: readonly Uint8Array[]
  /** How many bytes at the end of the last chunk(s) do not belong to the sequence. */
  readonly trailing: number
}

export interface ChunkingOptions {
  /** What follows the sequence in the variants with trailing bytes; none by default. */
  readonly trailing?: Uint8Array | string | undefined
  /** Seed of the random cuts; default 1. */
  readonly seed?: number | undefined
  /** How many random chunkings; default 8. */
  readonly random?: number | undefined
  /** Above this many bytes the cuts in two are sampled, so that the work stays linear; default 2048. */
  readonly maxCuts?: number | undefined
}

/** Whole, byte by byte, cut in two at every place, seeded random cuts; and with trailing bytes when there are any. */
export function* chunkings(
  input: Uint8Array | string,
  options: ChunkingOptions = {},
): Generator<Chunking, void, void> {
  const bytes = toBytes(input)
  yield whole(bytes)
  yield byteByByte(bytes)
  yield* everyCut(bytes, options.maxCuts ?? 2048)
  yield* randomCuts(bytes, options.seed ?? 1, options.random ?? 8)
  if (options.trailing !== undefined) yield* withTrailing(bytes, toBytes(options.trailing))
}

export function whole(input: Uint8Array | string): Chunking {
  return chunking('whole', [toBytes(input)])
}

export function byteByByte(input: Uint8Array | string): Chunking {
  const bytes = toBytes(input)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at++) chunks.push(bytes.subarray(at, at + 1))
  return chunking('byte by byte', chunks)
}

/** In two parts, at every place between two bytes (or at `max` evenly spread ones). */
export function* everyCut(
  input: Uint8Array | string,
  max: number = Infinity,
): Generator<Chunking, void, void> {
  const bytes = toBytes(input)
  const step = Math.max(1, Math.ceil((bytes.length - 1) / max))
  for (let at = 1; at < bytes.length; at += step) {
    yield chunking(`cut at ${at}`, [bytes.subarray(0, at), bytes.subarray(at)])
  }
}

/** `count` chunkings with parts of 1 to 16 bytes or of up to the whole length, the same ones for the same seed. */
export function* randomCuts(
  input: Uint8Array | string,
  seed: number,
  count: number,
): Generator<Chunking, void, void> {
  const bytes = toBytes(input)
  const random = seededRandom(seed)
  for (let round = 0; round < count; round++) {
    const largest = round % 2 === 0 ? 16 : Math.max(1, bytes.length)
    const chunks: Uint8Array[] = []
    for (let at = 0; at < bytes.length;) {
      const next = Math.min(bytes.length, at + 1 + Math.floor(random() * largest))
      chunks.push(bytes.subarray(at, next))
      at = next
    }
    yield chunking(`random cuts, seed ${seed}, round ${round}`, chunks)
  }
}

/** The sequence followed by bytes of something else: in the same chunk, apart, and with the last byte beside them. */
export function* withTrailing(
  input: Uint8Array | string,
  trailing: Uint8Array | string,
): Generator<Chunking, void, void> {
  const bytes = toBytes(input)
  const extra = toBytes(trailing)
  const both = concatBytes([bytes, extra])
  yield chunking('whole with trailing bytes', [both], extra.length)
  yield chunking('trailing bytes apart', [bytes, extra], extra.length)
  const last = bytes.length - 1
  if (last > 0) {
    yield chunking(
      'last byte with trailing bytes',
      [both.subarray(0, last), both.subarray(last)],
      extra.length,
    )
  }
  yield { ...byteByByte(both), name: 'byte by byte with trailing bytes', trailing: extra.length }
}

/** Numbers in [0, 1), the same ones for the same seed (the generator is a 32-bit Weyl sequence with a mixer). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000
  }
}

/** Latin-1 text as bytes, one per character; bytes are given back as they are. */
export function toBytes(input: Uint8Array | string): Uint8Array {
  return typeof input === 'string' ? new Uint8Array(Buffer.from(input, 'latin1')) : input
}

/** Bytes as Latin-1 text, one character per byte. */
export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function chunking(name: string, parts: readonly Uint8Array[], trailing: number = 0): Chunking {
  return { name, chunks: parts.filter((part) => part.length > 0).map((part) => part.slice()), trailing }
}
