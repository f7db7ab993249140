// The Huffman code of RFC 7541 Appendix B, from the lengths of its codes: it is canonical, so that they say all.
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
]
const LONGEST = 30

/** The code of each symbol as text of `0` and `1`; the last one is EOS. */
export const CODES: readonly string[] = makeCodes()

const SYMBOLS: ReadonlyMap<string, number> = new Map(CODES.map((code, symbol) => [code, symbol]))

/** The bits of a text, padded with ones to whole octets. */
export function huffman(text: string): Buffer {
  return bitsToBytes(Array.from(text, (char) => CODES[char.charCodeAt(0)] ?? '').join(''))
}

/** Octets of `0` and `1`; the last one is filled with `padding`. */
export function bitsToBytes(bits: string, padding: '0' | '1' = '1'): Buffer {
  const whole = bits.padEnd(Math.ceil(bits.length / 8) * 8, padding)
  return Buffer.from(whole.match(/.{8}/g)?.map((octet) => Number.parseInt(octet, 2)) ?? [])
}

/** Decodes; throws for what is no code. */
export function unhuffman(bytes: Uint8Array): string {
  let text = ''
  let code = ''
  for (const byte of bytes) {
    for (const bit of byte.toString(2).padStart(8, '0')) {
      code += bit
      const symbol = SYMBOLS.get(code)
      if (symbol === undefined) continue
      if (symbol === 256) throw new Error('EOS in a Huffman string')
      text += String.fromCharCode(symbol)
      code = ''
    }
  }
  if (code.length > 7 || code.includes('0')) throw new Error('bad padding of a Huffman string')
  return text
}

function makeCodes(): string[] {
  const codes: string[] = []
  let code = 0
  for (let length = 5; length <= LONGEST; length++) {
    for (const [symbol, own] of LENGTHS.entries()) {
      if (own === length) codes[symbol] = (code++).toString(2).padStart(length, '0')
    }
    code *= 2
  }
  return codes
}
