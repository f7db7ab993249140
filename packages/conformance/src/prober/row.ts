// A row: one thing to send, what the rules say about it, and what we decided. Tables are lists of rows; the builders below keep
// them short. A row never looks at a server: `judge.ts` does, with a transcript.
import type { AnswerKind, ParsedResponse } from './response.ts'
import type { Step } from './wire.ts'

/**
 * What the rules say: `R` refuse (a 4xx or 5xx, or the connection ends; never a 2xx), `R400` refuse with exactly 400, `A` answer
 * with the right content, `E` either is allowed, `W` wait for the rest.
 */
export type Rule = 'R' | 'R400' | 'A' | 'E' | 'W'

/** Which routes a server must have for a row to mean something. */
export type Need = 'none' | 'echo' | 'inspect' | 'reference'

/** One response that is expected. */
export interface Answer {
  readonly kind: AnswerKind
  readonly statuses: readonly number[]
  /** The exact content, when it matters. */
  readonly body: string | null
  /** Returns what is wrong, or null. */
  readonly check: ((response: ParsedResponse) => string | null) | null
}

/** One case of the prober. */
export interface Row {
  /** `section/what`, unique. */
  readonly name: string
  readonly section: string
  /** The place of the rule, for example `9112 §2.2`. */
  readonly rfc: string
  readonly send: readonly Step[]
  readonly rule: Rule
  /** What we decided where the rules leave it open: refuse, answer, or either. Equal to the rule where they do not. */
  readonly ours: 'R' | 'A' | 'E'
  /** The statuses that a refusal may have here; none when only a silent end is right. */
  readonly statuses: readonly number[]
  /** An end without an answer is as good. */
  readonly silent: boolean
  /** A refused request must not have reached the service. False for faults in a body, which is seen after its head. */
  readonly unseen: boolean
  /** When answered: the responses, in order, one per request. */
  readonly answers: readonly Answer[]
  /** How the connection must be after the answers. After a refusal it must always end. */
  readonly after: 'open' | 'closed' | 'any'
  /** Fewer answers are right too, if the connection ends after them. */
  readonly atMost: boolean
  /** A refusal may also be an answer that began and ends cut short: never one that looks complete. */
  readonly cut: boolean
  readonly need: Need
  /** Takes as long as the timeouts of the server; runs on demand. */
  readonly slow: boolean
}

/** What a builder may override. */
export type RowOptions = Partial<Omit<Row, 'name' | 'section' | 'send'>>

type Bytes = Step | readonly Step[]

/** How long a `W` row watches for an answer that must not come, in milliseconds. */
export const WATCH = 60

type Builder = (name: string, rfc: string, send: Bytes, options?: RowOptions) => Row

/** Builders for the rows of one section. */
export interface RowBuilders {
  /** Must be refused, by default with 400. */
  readonly refused: Builder
  /** Must be refused with 400 and nothing else. */
  readonly refused400: Builder
  /** Must be answered, by default with one 200. */
  readonly answered: Builder
  /** May be refused or answered; `ours` (default `R`) is what we decided. */
  readonly either: Builder
  /** Nothing may come after `first`; with `rest` the answers do. */
  readonly waits: (name: string, rfc: string, first: Bytes, rest: Bytes | null, options?: RowOptions) => Row
}

/** The builders for one section. */
export function rowsOf(section: string): RowBuilders {
  const build = (
    rule: Rule,
    ours: Row['ours'],
    name: string,
    rfc: string,
    send: Bytes,
    options: RowOptions,
  ): Row => {
    const statuses = ours === 'A' ? [] : [400]
    return {
      name: `${section}/${name}`,
      section,
      rfc,
      send: steps(send),
      rule,
      ours,
      statuses,
      silent: false,
      unseen: true,
      answers: [answer()],
      after: 'any',
      atMost: false,
      cut: false,
      need: 'none',
      slow: false,
      ...options,
    }
  }
  return {
    refused: (name, rfc, send, options = {}) => build('R', 'R', name, rfc, send, options),
    refused400: (name, rfc, send, options = {}) => build('R400', 'R', name, rfc, send, options),
    answered: (name, rfc, send, options = {}) => build('A', 'A', name, rfc, send, options),
    either: (name, rfc, send, options = {}) => {
      return build('E', 'R', name, rfc, send, { unseen: (options.ours ?? 'R') === 'R', ...options })
    },
    waits: (name, rfc, first, rest, options = {}) => {
      const send = [...steps(first), { mark: WATCH }, ...(rest === null ? [] : steps(rest))]
      return build('W', 'A', name, rfc, send, rest === null ? { answers: [], ...options } : options)
    },
  }
}

/** One expected response; 200 with any content unless told otherwise. */
export function answer(options: Partial<Answer> & { readonly status?: number } = {}): Answer {
  const { status = 200, ...rest } = options
  return { kind: 'plain', statuses: [status], body: null, check: null, ...rest }
}

/** What `/inspect` says about the request it answers. */
export interface Inspected {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: readonly (readonly [string, string])[]
  readonly bodyLength: number
  readonly trailers: readonly (readonly [string, string])[] | null
}

/** An answer of `/inspect` whose JSON passes `check` (which returns what is wrong, or null). */
export function inspected(check: (seen: Inspected) => string | null): Answer {
  return answer({
    check: (response) => {
      try {
        return check(JSON.parse(response.body.toString('utf8')) as Inspected)
      } catch {
        return 'the answer is not the JSON of /inspect'
      }
    },
  })
}

/** The refusal that ends a sequence: 400, and nothing after it. */
export const REFUSAL: Answer = answer({ status: 400 })

/** The numbers of a range of bytes, both ends included. */
export function byteRows(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function steps(send: Bytes): readonly Step[] {
  return Array.isArray(send) ? (send as readonly Step[]) : [send as Step]
}
