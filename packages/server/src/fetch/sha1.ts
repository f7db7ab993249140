// SHA-1 (FIPS 180-4 §6.1), for the one thing that still wants it: the handshake of a WebSocket (RFC 6455 §4.2.2), where it
// hides nothing. In pure ECMAScript, since what platforms have is asynchronous, or Node's alone.

/** The digest of bytes, 20 of them. */
export function sha1(message: Uint8Array): Uint8Array {
  const blocks = padded(message)
  const hash = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
  const words = new Int32Array(80)
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let t = 0; t < 16; t++) words[t] = blocks.getInt32(at + t * 4)
    for (let t = 16; t < 80; t++)
      words[t] = rotated(
        word(words, t - 3) ^ word(words, t - 8) ^ word(words, t - 14) ^ word(words, t - 16),
        1,
      )
    addBlock(hash, words)
  }
  const digest = new DataView(new ArrayBuffer(20))
  hash.forEach((value, index) => digest.setInt32(index * 4, value))
  return new Uint8Array(digest.buffer)
}

// A one, zeros, and the length in bits, to a whole number of blocks.
function padded(message: Uint8Array): DataView {
  const bytes = new Uint8Array(((message.length + 8) >> 6) * 64 + 64)
  bytes.set(message)
  bytes[message.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setUint32(bytes.length - 8, Math.floor(message.length / 0x20000000))
  view.setUint32(bytes.length - 4, (message.length * 8) >>> 0)
  return view
}

function addBlock(hash: Int32Array, words: Int32Array): void {
  let [a, b, c, d, e] = [word(hash, 0), word(hash, 1), word(hash, 2), word(hash, 3), word(hash, 4)]
  for (let t = 0; t < 80; t++) {
    const next = (rotated(a, 5) + mixed(t, b, c, d) + e + word(words, t)) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  for (const [index, value] of [a, b, c, d, e].entries()) hash[index] = (word(hash, index) + value) | 0
}

function mixed(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
  return (b ^ c ^ d) + 0xca62c1d6
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function word(words: Int32Array, at: number): number {
  return words[at] ?? 0
}
