import { KNOWN_NAMES } from './known-names.ts'
import { factsOfKnown, factsOfValue } from './facts.ts'
import { TableEntry } from './table-entry.ts'

// The static table (RFC 7541 Appendix A).

const FIELDS: readonly (readonly [string, string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
]

/** The last index of the static table; the dynamic one begins behind it. */
export const STATIC_LENGTH = 61

/** The entries by index, from 1 on; the one at 0 stands for none and is never read. */
export const STATIC_TABLE: readonly TableEntry[] = /* @__PURE__ */ entries()

/** The first index of a name. */
export const STATIC_INDEX: ReadonlyMap<string, number> = /* @__PURE__ */ firstIndexes()

function entries(): TableEntry[] {
  // The very strings of the well-known names, so that a name is the same object wherever it comes from.
  const interned = new Map(KNOWN_NAMES.map((name) => [name, name]))
  const list = [new TableEntry('', '', 0)]
  for (const [text, value] of FIELDS) {
    const name = interned.get(text) ?? text
    const facts = factsOfKnown(name)
    // What has no value here is only referred to by its name.
    list.push(new TableEntry(name, value, facts | factsOfValue(facts, value)))
  }
  return list
}

function firstIndexes(): Map<string, number> {
  const indexes = new Map<string, number>()
  for (let index = 1; index <= STATIC_LENGTH; index++) {
    const { name } = STATIC_TABLE[index]!
    if (!indexes.has(name)) indexes.set(name, index)
  }
  return indexes
}
