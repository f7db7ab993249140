import { HEX, IS_HOST } from '../bytes/char-table.ts'

// Hosts: in comes text, out comes whether it can be the host of an authority (RFC 3986 §3.2.2), or of a Host field.
// Nothing is decoded, folded or resolved. Percent-encoding is refused in names: no real host needs it, and two readers
// who disagree on decoding it would route one request to two places.

const MAX_PORT = 65_535
const COLON = 0x3a
const OPEN = 0x5b

/** Whether `text` is `uri-host [ ":" port ]` with a host that is not empty: what a Host field may say (RFC 9110 §7.2). */
export function isHostValid(text: string): boolean {
  const end = hostEnd(text, 0, text.length)
  return end > 0 && (end === text.length || isPort(text, end, text.length))
}

/**
 * Where the host that begins at `start` ends, at the latest at `limit`; -1 when there is none or it is malformed. What
 * follows the host is left to the caller.
 * @internal
 */
export function hostEnd(text: string, start: number, limit: number): number {
  if (start >= limit) return -1
  if (text.charCodeAt(start) === OPEN) {
    const close = text.indexOf(']', start)
    return close > start && close < limit && isIpLiteral(text.slice(start + 1, close)) ? close + 1 : -1
  }
  let at = start
  while (at < limit && IS_HOST[text.charCodeAt(at)] === 1) at++
  return at === start ? -1 : at
}

/**
 * Whether `text[start, end)` is a colon with a port of zero or more digits, at most 65,535 (RFC 3986 §3.2.3).
 * @internal
 */
export function isPort(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== COLON) return false
  let port = 0
  for (let i = start + 1; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return false
    port = port * 10 + digit
    if (port > MAX_PORT) return false
  }
  return true
}

/** What stands between the brackets: an IPv6 address with an optional zone (RFC 6874), or a later kind of address. */
function isIpLiteral(text: string): boolean {
  if (text.charAt(0) === 'v' || text.charAt(0) === 'V') return isFutureAddress(text)
  const zone = text.indexOf('%')
  if (zone < 0) return isIpv6(text)
  return (
    zone < text.length - 1 &&
    everyHostChar(text.slice(zone + 1).replaceAll('%', '')) &&
    isIpv6(text.slice(0, zone))
  )
}

/** `v` 1*HEXDIG `.` and then at least one character of a name or a colon. */
function isFutureAddress(text: string): boolean {
  const dot = text.indexOf('.')
  if (dot < 2 || dot === text.length - 1) return false
  for (let i = 1; i < dot; i++) if (!isHex(text.charCodeAt(i))) return false
  return everyHostChar(text.slice(dot + 1).replaceAll(':', ''))
}

/** Eight groups of up to four hex digits; `::` once for the missing ones; the last two may be an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  let groups = 0
  for (let i = 0; i < halves.length; i++) {
    const count = countGroups(halves[i]!, i === halves.length - 1)
    if (count < 0) return false
    groups += count
  }
  return halves.length === 2 ? groups <= 7 : groups === 8
}

/** The 16-bit groups in one run of colons, -1 when one is malformed. */
function countGroups(half: string, mayEndInIpv4: boolean): number {
  if (half === '') return 0
  const groups = half.split(':')
  let count = 0
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!
    if (mayEndInIpv4 && i === groups.length - 1 && group.includes('.')) {
      if (!isIpv4(group)) return -1
      count += 2
      continue
    }
    if (group.length === 0 || group.length > 4) return -1
    for (let k = 0; k < group.length; k++) if (!isHex(group.charCodeAt(k))) return -1
    count++
  }
  return count
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
}

function isHex(code: number): boolean {
  return (HEX[code] ?? -1) >= 0
}

function everyHostChar(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (IS_HOST[text.charCodeAt(i)] !== 1) return false
  return true
}
