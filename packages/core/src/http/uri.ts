import { IS_HOST, IS_TARGET } from '../bytes/char-table.ts'
import { userError } from '../error/index.ts'
import { hostEnd, isPort } from './host.ts'

// Uri: what a request is about, in its parts. In comes text (`parseUri`) or parts (`Uri.from`), out comes an immutable
// value that is known to be well-formed. Percent-encoding is never decoded, checked or added, dots are never resolved:
// what was written is what is sent.

/** The form of RFC 9112 §3.2 that the text has. */
export type UriForm = 'origin' | 'absolute' | 'authority' | 'asterisk'

/** What {@link Uri.from} takes; null and absent mean the same. A {@link Uri} will do. */
export interface UriParts {
  readonly scheme?: string | null | undefined
  readonly authority?: string | null | undefined
  /** Begins with a slash, or is `*`. Default `/`, where there is a scheme. */
  readonly path?: string | null | undefined
  /** Without the question mark. */
  readonly query?: string | null | undefined
}

const MAX_LENGTH = 65_534
const MAX_SCHEME = 64
const COLON = 0x3a
const QUESTION = 0x3f
const PERCENT = 0x25

/** A request target or URI. Made by {@link parseUri}, `parseTarget` or {@link Uri.from}. */
export class Uri {
  readonly form: UriForm
  /** In lower case, without the colon. */
  readonly scheme: string | null
  /** As written: userinfo, host and port. */
  readonly authority: string | null
  /** As written, with the brackets of an IPv6 address. */
  readonly host: string | null
  /** Null when there is none, or nothing after its colon. */
  readonly port: number | null
  /** The digits as written; null without a colon. */
  readonly portText: string | null
  /** `/` where the text has none but needs one; `*` in asterisk form; `''` in authority form. */
  readonly path: string
  /** Without the question mark; null when there is none. */
  readonly query: string | null

  /** @internal */
  constructor(
    form: UriForm,
    scheme: string | null,
    authority: Authority | null,
    path: string,
    query: string | null,
  ) {
    this.form = form
    this.scheme = scheme
    this.authority = authority === null ? null : authority.text
    this.host = authority === null ? null : authority.host
    this.port =
      authority === null || authority.port === null || authority.port === '' ? null : Number(authority.port)
    this.portText = authority === null ? null : authority.port
    this.path = path
    this.query = query
  }

  /**
   * Makes a URI of parts, which are checked one by one and together.
   * @throws HyperError `INVALID_TARGET`: a malformed part, or parts that do not go together.
   */
  static from(parts: UriParts): Uri {
    const scheme = parts.scheme ?? null
    const text = parts.authority ?? null
    const query = parts.query ?? null
    if (scheme !== null && !isScheme(scheme)) throw invalid('the scheme is malformed')
    if (scheme !== null && text === null) throw invalid('a scheme needs an authority')
    const authority = text === null ? null : readAuthority(text)
    if (text !== null && authority === null) throw invalid('the authority is malformed')
    if (query !== null && !isTargetText(query))
      throw invalid('the query has a character that must be percent-encoded')
    if (scheme === null && authority !== null) {
      if ((parts.path ?? '') !== '' || query !== null)
        throw invalid('an authority with a path needs a scheme')
      return new Uri('authority', null, authority, '', null)
    }
    const path = parts.path ?? (scheme === null ? '' : '/')
    if (path === '*' && query === null) return new Uri('asterisk', lower(scheme), authority, '*', null)
    if (!isPath(path))
      throw invalid('the path must begin with a slash and hold no character that must be encoded')
    return new Uri(scheme === null ? 'origin' : 'absolute', lower(scheme), authority, path, query)
  }

  /**
   * A URI that differs in what is named; null removes a part.
   * @throws HyperError as {@link Uri.from}.
   */
  with(changes: UriParts): Uri {
    return Uri.from({
      scheme: changes.scheme === undefined ? this.scheme : changes.scheme,
      authority: changes.authority === undefined ? this.authority : changes.authority,
      path: changes.path === undefined ? this.path : changes.path,
      query: changes.query === undefined ? this.query : changes.query,
    })
  }

  /** What stands before the `@` of the authority. */
  get userinfo(): string | null {
    const at = this.authority === null ? -1 : this.authority.lastIndexOf('@')
    return at < 0 ? null : this.authority!.slice(0, at)
  }

  /** Path and query as in a request line. */
  get pathAndQuery(): string {
    return this.query === null ? this.path : `${this.path}?${this.query}`
  }

  /** Whether the authority is `text`, whatever the case of either. */
  hasAuthority(text: string): boolean {
    return this.authority !== null && this.authority.toLowerCase() === text.toLowerCase()
  }

  /**
   * The same scheme and authority whatever their case, ports as numbers, path and query as they stand; an empty query
   * is as none. Default ports are not filled in.
   */
  equals(other: Uri | string): boolean {
    if (typeof other !== 'string') return this.compare(other) === 0
    const parsed = readUri(other)
    return typeof parsed !== 'string' && this.compare(parsed) === 0
  }

  /** An order that agrees with {@link equals}: below zero when this comes first. */
  compare(other: Uri): number {
    return (
      order(this.scheme ?? '', other.scheme ?? '') ||
      order(place(this), place(other)) ||
      (this.port ?? -1) - (other.port ?? -1) ||
      order(this.path, other.path) ||
      order(this.query ?? '', other.query ?? '')
    )
  }

  /** The text again. A `*` about a server is the URI of that server (RFC 9112 §3.2.4). */
  toString(): string {
    const authority = this.authority ?? ''
    if (this.scheme === null) return authority === '' ? this.pathAndQuery : authority
    return `${this.scheme}://${authority}${this.form === 'asterisk' ? '' : this.pathAndQuery}`
  }
}

/**
 * Reads a URI in any of the four forms: `/path?query`, `scheme://authority/path?query`, `authority`, `*`. A fragment is
 * dropped.
 * @throws HyperError `INVALID_TARGET`: another form, a character that must be percent-encoded, more than 65,534
 * characters, a scheme of more than 64.
 */
export function parseUri(text: string): Uri {
  const uri = readUri(text)
  if (typeof uri === 'string') throw invalid(uri)
  return uri
}

/** The URI, or what is wrong with the text. */
function readUri(text: string): Uri | string {
  if (typeof text !== 'string' || text.length === 0) return 'the URI is empty'
  if (text.length > MAX_LENGTH) return `the URI is longer than ${MAX_LENGTH} characters`
  const hash = text.indexOf('#')
  const whole = hash < 0 ? text : text.slice(0, hash)
  if (whole === '*') return new Uri('asterisk', null, null, '*', null)
  if (whole.startsWith('/'))
    return readOrigin(whole) ?? 'the path has a character that must be percent-encoded'
  const mark = whole.indexOf('://')
  if (mark > 0 && mark <= MAX_LENGTH && isSchemeText(whole, mark)) {
    if (mark > MAX_SCHEME) return `the scheme is longer than ${MAX_SCHEME} characters`
    return readAbsolute(whole) ?? 'the URI is malformed'
  }
  const authority = hash < 0 ? readAuthority(whole) : null
  return authority === null
    ? 'neither a path, an absolute URI nor an authority'
    : new Uri('authority', null, authority, '', null)
}

/**
 * Origin form: a path and an optional query (RFC 9112 §3.2.1).
 * @internal
 */
export function readOrigin(text: string): Uri | null {
  const query = scanPath(text, 0)
  return query < 0 || text.charCodeAt(0) !== 0x2f ? null : makeWithPath(text, null, null, 0, query)
}

/**
 * Absolute form with an authority (RFC 9112 §3.2.2).
 * @internal
 */
export function readAbsolute(text: string): Uri | null {
  const mark = text.indexOf('://')
  if (mark < 1 || mark > MAX_SCHEME || !isSchemeText(text, mark)) return null
  let end = mark + 3
  while (end < text.length && text.charAt(end) !== '/' && text.charCodeAt(end) !== QUESTION) end++
  const authority = readAuthority(text.slice(mark + 3, end))
  const query = scanPath(text, end)
  if (authority === null || query < 0) return null
  return makeWithPath(text, text.slice(0, mark).toLowerCase(), authority, end, query)
}

/** An authority in its parts. */
export interface Authority {
  readonly text: string
  readonly host: string
  /** The digits after the colon, null without a colon. */
  readonly port: string | null
}

/**
 * `[ userinfo "@" ] host [ ":" port ]` (RFC 3986 §3.2) with a host; null when malformed.
 * @internal
 */
export function readAuthority(text: string): Authority | null {
  const at = text.lastIndexOf('@')
  for (let i = 0; i < at; i++) {
    const code = text.charCodeAt(i)
    if (IS_HOST[code] !== 1 && code !== COLON && code !== PERCENT) return null
  }
  const end = hostEnd(text, at + 1, text.length)
  if (end < 0) return null
  const host = text.slice(at + 1, end)
  if (end === text.length) return { text, host, port: null }
  return isPort(text, end, text.length) ? { text, host, port: text.slice(end + 1) } : null
}

function makeWithPath(
  text: string,
  scheme: string | null,
  authority: Authority | null,
  start: number,
  query: number,
): Uri {
  const path = query === start ? '/' : text.slice(start, query)
  const form = scheme === null ? 'origin' : 'absolute'
  return new Uri(form, scheme, authority, path, query === text.length ? null : text.slice(query + 1))
}

/** Checks every character from `start` on. Returns where the query mark stands, or the length; -1 when one is wrong. */
function scanPath(text: string, start: number): number {
  let query = -1
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (IS_TARGET[code] !== 1) return -1
    if (code === QUESTION && query < 0) query = i
  }
  return query < 0 ? text.length : query
}

/** ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 §3.1) before `end`. */
function isSchemeText(text: string, end: number): boolean {
  return /^[a-z][a-z0-9+.-]*$/i.test(text.slice(0, end))
}

function isScheme(text: string): boolean {
  return text.length <= MAX_SCHEME && isSchemeText(text, text.length)
}

function isPath(text: string): boolean {
  return text.startsWith('/') && !text.includes('?') && isTargetText(text)
}

function isTargetText(text: string): boolean {
  return scanPath(text, 0) >= 0
}

function lower(text: string | null): string | null {
  return text === null ? null : text.toLowerCase()
}

/** The authority without its port, for comparing. */
function place(uri: Uri): string {
  return `${uri.userinfo ?? ''}@${uri.host ?? ''}`.toLowerCase()
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function invalid(detail: string): Error {
  return userError('INVALID_TARGET', detail)
}
