import { STATIC_INDEX, STATIC_LENGTH, STATIC_TABLE } from './static-table.ts'

// The indexing policy of the encoder: which names are worth table room, per name. In: a name. Out: what never changes
// about it for any encoder, made once for known names.

/** Goes into the table, until it turns out that its values do not come back. */
export const POLICY_INDEX = 0
/** Changes nearly each time: never goes into the table, but is not secret. */
export const POLICY_VARIES = 1
/** Goes into the table when the same value comes a second time: a date lasts for a second. */
export const POLICY_SECOND = 2
/** A secret: must never be in a table on the way either (RFC 7541 §7.1.3). */
export const POLICY_NEVER = 3
/** A secret while it is short enough to be guessed (RFC 7541 §7.1.3), else a long text that comes back. */
export const POLICY_COOKIE = 4

const VARYING = [
  'age',
  'content-digest',
  'content-length',
  'content-range',
  'digest',
  'etag',
  'expires',
  'grpc-message',
  'grpc-timeout',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'range',
  'repr-digest',
  'retry-after',
  'sec-websocket-accept',
  'sec-websocket-key',
  'server-timing',
  'set-cookie',
  'traceparent',
  'tracestate',
  'x-request-id',
]

const POLICIES: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ...VARYING.map((name): [string, number] => [name, POLICY_VARIES]),
  ['date', POLICY_SECOND],
  ['authorization', POLICY_NEVER],
  ['proxy-authorization', POLICY_NEVER],
  ['cookie', POLICY_COOKIE],
])

/** The policy for a lower-case name. */
export function policyOf(name: string): number {
  return POLICIES.get(name) ?? POLICY_INDEX
}

/** The values that the static table has for a name, from its first index on; null when it has none. */
export function staticValues(name: string): readonly string[] | null {
  return STATIC_VALUES.get(name) ?? null
}

const STATIC_VALUES: ReadonlyMap<string, readonly string[]> = /* @__PURE__ */ valuesByName()

function valuesByName(): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (const [name, first] of STATIC_INDEX) {
    const list: string[] = []
    for (let index = first; index <= STATIC_LENGTH && STATIC_TABLE[index]!.name === name; index++) {
      list.push(STATIC_TABLE[index]!.value)
    }
    // Most entries are a name alone; to match an empty value would be right, and is not worth a comparison.
    if (list.some((value) => value !== '')) values.set(name, list)
  }
  return values
}
