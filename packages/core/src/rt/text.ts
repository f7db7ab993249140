// The codec for platforms that bring none: bytes and strings in nothing but ECMAScript. UTF-8 is read as the WHATWG
// Encoding standard reads it: every maximal part of a malformed sequence becomes one U+FFFD, and the byte that broke it
// is looked at again.

import type { TextCodec } from './runtime.ts'

/** A {@link TextCodec} that needs nothing of a platform. A platform's own is several times faster. */
export const plainText: TextCodec = { latin1, utf8, encodeUtf8, utf8Length, encodeLatin1 }

/** How many bytes `text` has in UTF-8; a lone surrogate counts as the U+FFFD that it becomes. Allocates nothing. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else {
      bytes += 2
      // A pair is two units and four bytes; a lone surrogate is one unit and three bytes.
      if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) i++
    }
  }
  return bytes
}

/** Arguments of one `fromCharCode`: far below the stack limit of every engine. */
const BATCH = 8192
const REPLACEMENT = 0xfffd

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at += BATCH) text += fromUnits(bytes.subarray(at, Math.min(at + BATCH, end)))
  return text
}

function utf8(bytes: Uint8Array, start: number, end: number): string {
  let at = start
  if (end - at >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3
  const ascii = asciiEnd(bytes, at, end)
  const head = latin1(bytes, at, ascii)
  return ascii === end ? head : head + decodeUnits(bytes, ascii, end)
}

function asciiEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] ?? 0) < 0x80) at++
  return at
}

function decodeUnits(bytes: Uint8Array, start: number, end: number): string {
  const units = new Uint16Array(Math.min(end - start, BATCH))
  let text = ''
  let filled = 0
  let at = start
  while (at < end) {
    // One code point is two units at most, and never more units than bytes.
    if (filled + 2 > units.length && end - at > units.length - filled) {
      text += fromUnits(units.subarray(0, filled))
      filled = 0
    }
    const lead = bytes[at++] ?? 0
    if (lead < 0x80) {
      units[filled++] = lead
      continue
    }
    let needed = neededAfter(lead)
    let point = needed === 1 ? lead & 0x1f : needed === 2 ? lead & 0x0f : lead & 0x07
    // The second byte has a narrower range after E0 and F0 (overlong), ED (surrogates) and F4 (above U+10FFFF).
    let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (needed === 0) point = REPLACEMENT
    for (; needed > 0; needed--) {
      const next = at < end ? (bytes[at] ?? 0) : 0
      if (next < low || next > high) {
        point = REPLACEMENT
        break
      }
      point = (point << 6) | (next & 0x3f)
      low = 0x80
      high = 0xbf
      at++
    }
    if (point < 0x10000) units[filled++] = point
    else {
      units[filled++] = 0xd800 + ((point - 0x10000) >> 10)
      units[filled++] = 0xdc00 + (point & 0x3ff)
    }
  }
  return text + fromUnits(units.subarray(0, filled))
}

/** Continuation bytes that follow this lead byte; 0 for a byte that can begin nothing. */
function neededAfter(lead: number): number {
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return 1
  if (lead < 0xf0) return 2
  return lead < 0xf5 ? 3 : 0
}

function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text))
  let at = 0
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i)
    if (isHigh(point) && isLow(text.charCodeAt(i + 1))) {
      point = 0x10000 + ((point - 0xd800) << 10) + (text.charCodeAt(++i) - 0xdc00)
    } else if (isHigh(point) || isLow(point)) point = REPLACEMENT
    if (point < 0x80) {
      bytes[at++] = point
      continue
    }
    if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6)
    else {
      if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12)
      else {
        bytes[at++] = 0xf0 | (point >> 18)
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
      }
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
    }
    bytes[at++] = 0x80 | (point & 0x3f)
  }
  return bytes
}

function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

function fromUnits(units: Uint8Array | Uint16Array): string {
  // `Reflect.apply` takes any array-like, which `fromCharCode.apply` does too, but not in its type.
  return Reflect.apply(String.fromCharCode, null, units)
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
