// Status codes are plain numbers. In comes a number or three digits, out comes an answer about it; nothing is stored.

const ZERO = 0x30

/** An integer from 100 to 999, the range that three digits can carry (RFC 9110 §15 defines 100 to 599). */
export function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 100 && status <= 999
}

/** 1xx: an interim response. */
export function isInformational(status: number): boolean {
  return status >= 100 && status <= 199
}

/** 2xx. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299
}

/** 3xx. */
export function isRedirection(status: number): boolean {
  return status >= 300 && status <= 399
}

/** 4xx. */
export function isClientError(status: number): boolean {
  return status >= 400 && status <= 499
}

/** 5xx. */
export function isServerError(status: number): boolean {
  return status >= 500 && status <= 599
}

/** The status that exactly three digits spell, 0 when they spell none: another length, a sign, a leading zero. */
export function parseStatus(text: string | Uint8Array): number {
  if (text.length !== 3) return 0
  const hundreds = digit(text, 0)
  const tens = digit(text, 1)
  const ones = digit(text, 2)
  if (hundreds < 1 || tens < 0 || ones < 0) return 0
  return hundreds * 100 + tens * 10 + ones
}

function digit(text: string | Uint8Array, at: number): number {
  const code = typeof text === 'string' ? text.charCodeAt(at) : (text[at] ?? 0)
  const value = code - ZERO
  return value >= 0 && value <= 9 ? value : -1
}
