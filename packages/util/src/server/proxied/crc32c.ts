// CRC-32C (Castagnoli, as RFC 9260 appendix A has it), for the checksum that a PROXY header may have. In: the header, and
// where in it the checksum stands. Out: whether it fits; it is counted as zeros for that.

/** Whether the 4 bytes from `start` to `end` are the checksum of `bytes`. */
export function checkCrc32c(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 4) return false
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) {
    const byte = i >= start && i < end ? 0 : (bytes[i] ?? 0)
    crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0)
  }
  const said = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(start)
  return said === (crc ^ 0xffffffff) >>> 0
}

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value >>> 0
})
