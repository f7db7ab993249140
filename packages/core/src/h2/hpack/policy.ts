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

const SPECIAL: readonly (readonly [string, number])[] = [
  ...VARYING.map((name): [string, number] => [name, POLICY_VARIES]),
  ['date', POLICY_SECOND],
  ['authorization', POLICY_NEVER],
  ['proxy-authorization', POLICY_NEVER],
  ['cookie', POLICY_COOKIE],
]

/** What never changes about a name. */
export class NamePolicy {
  readonly kind: number
  /** Its first index in the static table, 0 when it has none. */
  readonly index: number
  /** The values in the static table from that index on; null where it has but names. */
  readonly values: readonly string[] | null

  constructor(kind: number, index: number, values: readonly string[] | null) {
    this.kind = kind
    this.index = index
    this.values = values
  }
}

const OTHER = new NamePolicy(POLICY_INDEX, 0, null)
const POLICIES: ReadonlyMap<string, NamePolicy> = /* @__PURE__ */ policies()

/** The policy for a lower-case name. */
export function policyOf(name: string): NamePolicy {
  return POLICIES.get(name) ?? OTHER
}

function policies(): Map<string, NamePolicy> {
  const kinds = new Map(SPECIAL)
  const all = new Map<string, NamePolicy>()
  for (const [name, kind] of kinds) all.set(name, new NamePolicy(kind, 0, null))
  for (const [name, index] of STATIC_INDEX) {
    all.set(name, new NamePolicy(kinds.get(name) ?? POLICY_INDEX, index, valuesFrom(index, name)))
  }
  return all
}

function valuesFrom(first: number, name: string): readonly string[] | null {
  const list: string[] = []
  for (let index = first; index <= STATIC_LENGTH && STATIC_TABLE[index]!.name === name; index++) {
    list.push(STATIC_TABLE[index]!.value)
  }
  // Most entries are a name alone; to match an empty value would be right, and is not worth a comparison.
  return list.some((value) => value !== '') ? list : null
}
