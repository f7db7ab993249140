// A row of the HTTP/2 prober: what to send on a fresh connection, and what must come of it. Tables are lists of rows; the builders
// below keep them short. Expectations judge a wire once it has gone quiet.
import { errorName } from './frames.ts'
import type { Field } from './hpack.ts'
import type { Wire } from './wire.ts'

/** Bytes, or something to do between them. */
export type Step =
  | Uint8Array
  /** Waits until this holds, or patience is over. */
  | { readonly await: (wire: Wire) => boolean }
  | { readonly pause: number }
  /** Sends what depends on what the server has said. */
  | { readonly act: (wire: Wire) => Uint8Array | Promise<void> }

/** What became of a row. */
export interface Verdict {
  readonly verdict: 'pass' | 'warn' | 'fail' | 'skip'
  readonly detail: string
}

/** What must come. */
export interface Expectation {
  /** For people: `C(PROTOCOL_ERROR)`. */
  readonly rule: string
  /** The connection ends; otherwise it must answer a PING in the end. */
  readonly ends: boolean
  /** What decides is there. */
  readonly done: (wire: Wire) => boolean
  readonly judge: (wire: Wire) => Verdict
}

/** Which routes a server must have for a row to mean something. */
export type Need = 'none' | 'echo' | 'inspect' | 'bytes'

/** One case. */
export interface Row {
  /** `section/what`, unique. */
  readonly name: string
  readonly section: string
  /** The place of the rule: `9113 §6.1`. */
  readonly rfc: string
  readonly steps: readonly Step[]
  readonly expect: Expectation
  /** Our first SETTINGS. */
  readonly settings: readonly (readonly [number, number])[]
  /** Send no preface and no SETTINGS before the steps. */
  readonly raw: boolean
  /** The service must have seen no request. */
  readonly unseen: boolean
  readonly need: Need
}

export type RowOptions = Partial<Pick<Row, 'settings' | 'raw' | 'unseen' | 'need'>>
export type RowBuilder = (
  name: string,
  rfc: string,
  steps: Step | readonly Step[],
  expect: Expectation,
  options?: RowOptions,
) => Row

/** The builder of rows of one section. */
export function rowsOf(section: string): RowBuilder {
  return (name, rfc, steps, expect, options = {}) => ({
    name: `${section}/${name}`,
    section,
    rfc,
    steps: Array.isArray(steps) ? (steps as readonly Step[]) : [steps as Step],
    expect,
    settings: [],
    raw: false,
    unseen: false,
    need: 'none',
    ...options,
  })
}

/** What is expected of a response, besides being whole. */
export interface AnswerOptions {
  readonly status?: number
  readonly body?: string
  /** Returns what is wrong, or null. */
  readonly check?: (wire: Wire) => string | null
}

/** A whole response on a stream, and a connection that goes on. */
export function answered(stream: number = 1, options: AnswerOptions = {}): Expectation {
  const { status = 200, body, check } = options
  return {
    rule: 'A',
    ends: false,
    done: (wire) => wire.view(stream).ended || wire.view(stream).reset >= 0 || wire.goAway >= 0,
    judge(wire) {
      const view = wire.view(stream)
      if (wire.goAway > 0) return fail(wire)
      if (!view.ended) return fail(wire, `no whole response on stream ${stream}`)
      if (view.reset > 0) return fail(wire, `reset`)
      if (view.status !== status) return fail(wire, `status ${view.status}, not ${status}`)
      if (body !== undefined && view.body.toString('latin1') !== body) {
        return fail(wire, `content ${JSON.stringify(view.body.toString('latin1').slice(0, 60))}`)
      }
      const wrong = check?.(wire) ?? null
      return wrong === null ? pass(wire) : fail(wire, wrong)
    },
  }
}

/** GOAWAY with one of these codes, and the end of the connection. An end without GOAWAY is allowed, and not what we want. */
export function connectionError(...codes: readonly number[]): Expectation {
  return {
    rule: `C(${codes.map(errorName).join(' | ')})`,
    ends: true,
    done: (wire) => wire.closed,
    judge(wire) {
      if (wire.goAway >= 0 && !codes.includes(wire.goAway)) return fail(wire, 'another error code')
      if (!wire.closed) return fail(wire, wire.goAway >= 0 ? 'GOAWAY, but not closed' : 'accepted')
      return wire.goAway >= 0 ? pass(wire) : warn(wire, 'closed without GOAWAY')
    },
  }
}

/** RST_STREAM with one of these codes, and a connection that goes on. A connection error is allowed, and not what we want. */
export function streamError(stream: number, ...codes: readonly number[]): Expectation {
  return {
    rule: `S(${codes.map(errorName).join(' | ')})`,
    ends: false,
    done: (wire) => wire.view(stream).reset > 0 || wire.goAway >= 0,
    judge(wire) {
      const { reset } = wire.view(stream)
      if (reset > 0) return codes.includes(reset) ? pass(wire) : fail(wire, 'another error code')
      if (wire.goAway >= 0)
        return codes.includes(wire.goAway)
          ? warn(wire, 'the whole connection fails')
          : fail(wire, 'another error code')
      return wire.closed ? warn(wire, 'closed') : fail(wire, 'accepted')
    },
  }
}

/** Like `streamError`, where we chose that the connection ends; resetting only the stream is as good. */
export function eitherError(stream: number, ...codes: readonly number[]): Expectation {
  const narrow = streamError(stream, ...codes)
  const wide = connectionError(...codes)
  return {
    rule: `S|C(${codes.map(errorName).join(' | ')})`,
    ends: false,
    done: narrow.done,
    judge: (wire) => (wire.view(stream).reset > 0 ? narrow.judge(wire) : wide.judge(wire)),
  }
}

/** Nothing goes wrong: no GOAWAY, no RST_STREAM on any stream; `check` says what else must hold. */
export function quiet(
  check: (wire: Wire) => string | null,
  done: (wire: Wire) => boolean = () => true,
): Expectation {
  return {
    rule: 'A',
    ends: false,
    done: (wire) => wire.goAway >= 0 || done(wire),
    judge(wire) {
      if (wire.goAway > 0) return fail(wire)
      const broken = wire.frames.find((got) => got.stream > 0 && wire.view(got.stream).reset > 0)
      if (broken !== undefined) return fail(wire, 'reset')
      const wrong = check(wire)
      return wrong === null ? pass(wire) : fail(wire, wrong)
    },
  }
}

/** Either of two; the better verdict counts. */
export function oneOf(...all: readonly Expectation[]): Expectation {
  const order = { pass: 0, skip: 1, warn: 2, fail: 3 }
  return {
    rule: all.map(({ rule }) => rule).join(' or '),
    ends: false,
    done: (wire) => all.some((each) => each.done(wire)),
    judge: (wire) =>
      all.map((each) => each.judge(wire)).reduce((a, b) => (order[a.verdict] <= order[b.verdict] ? a : b)),
  }
}

/** The value of a field in a list. */
export function valueOf(fields: readonly Field[] | null, name: string): string | null {
  return fields?.find(([own]) => own === name)?.[1] ?? null
}

function pass(wire: Wire): Verdict {
  return { verdict: 'pass', detail: wire.describe() }
}

function warn(wire: Wire, what: string): Verdict {
  return { verdict: 'warn', detail: `${what}: ${wire.describe()}` }
}

function fail(wire: Wire, what = 'refused'): Verdict {
  return { verdict: 'fail', detail: `${what}: ${wire.describe()}` }
}
