// Byte classes as 256-entry tables: in goes a byte (or the code of a character below U+0100), out comes its class.
// A table never answers for codes of 256 and above: reading past its end gives `undefined`, which no caller may take
// for "allowed".

const TCHAR_MARKS = "!#$%&'*+-.^_`|~"
const HOST_MARKS = "!$&'()*+,-.;=_~"
const CONTROL_END = 0x20
const DEL = 0x7f

function tokenLower(): Uint8Array {
  const table = new Uint8Array(256)
  for (let i = 0; i < TCHAR_MARKS.length; i++) table[TCHAR_MARKS.charCodeAt(i)] = TCHAR_MARKS.charCodeAt(i)
  for (let c = 0x30; c <= 0x39; c++) table[c] = c
  for (let c = 0x61; c <= 0x7a; c++) {
    table[c] = c
    table[c - 0x20] = c
  }
  return table
}

function valueBytes(): Uint8Array {
  const table = new Uint8Array(256).fill(1, CONTROL_END)
  table[0x09] = 1
  table[DEL] = 0
  return table
}

function targetBytes(): Uint8Array {
  const table = new Uint8Array(256).fill(1, CONTROL_END + 1, DEL)
  for (const refused of '#\\<>') table[refused.charCodeAt(0)] = 0
  return table
}

function hostBytes(): Uint8Array {
  const table = new Uint8Array(256)
  for (let c = 0; c < 256; c++) if (isAlphanumeric(c)) table[c] = 1
  for (const mark of HOST_MARKS) table[mark.charCodeAt(0)] = 1
  return table
}

function isAlphanumeric(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a)
}

function hexDigits(): Int8Array {
  const table = new Int8Array(256).fill(-1)
  for (let digit = 0; digit < 10; digit++) table[0x30 + digit] = digit
  for (let digit = 10; digit < 16; digit++) {
    table[0x37 + digit] = digit
    table[0x57 + digit] = digit
  }
  return table
}

/** 0 for what may not stand in a token (RFC 9110 §5.6.2), else the byte, lower-cased. */
export const TOKEN_LOWER: Uint8Array = /* @__PURE__ */ tokenLower()

/** 1 for what may stand in a field value (RFC 9110 §5.5): TAB, SP to `~`, and obs-text (0x80 to 0xff). */
export const IS_VALUE: Uint8Array = /* @__PURE__ */ valueBytes()

/**
 * 1 for what a request target may hold: visible ASCII without `#`, `\`, `<` and `>`. Wider than RFC 3986 by `"`, `{`,
 * `}`, `|`, `^` and the backtick, which browsers send.
 */
export const IS_TARGET: Uint8Array = /* @__PURE__ */ targetBytes()

/** 1 for what a registered name may hold (RFC 3986 §3.2.2): unreserved and sub-delims, without percent-encoding. */
export const IS_HOST: Uint8Array = /* @__PURE__ */ hostBytes()

/** The value of a hexadecimal digit, -1 for any other byte. */
export const HEX: Int8Array = /* @__PURE__ */ hexDigits()
