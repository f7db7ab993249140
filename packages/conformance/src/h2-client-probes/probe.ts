// A probe of HTTP/2 clients: what a badly behaved server sends, what the client must say to it, and what its caller must get.
import type { ClientOutcome } from '../client-probes/index.ts'
import type { Expectation, Step } from '../h2-prober/row.ts'

export type { ClientOutcome } from '../client-probes/index.ts'

/** What the fetching side is asked to send. */
export interface H2ProbeRequest {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  /** One character per byte; '' for none. */
  readonly body: string
}

/** Sends one request, on the connection that is there already or on a first one, and reads its answer to the end. Never rejects. */
export type H2FetchOne = (origin: string, request: H2ProbeRequest) => Promise<ClientOutcome>

/** One case: one connection, and one request on it unless told otherwise. */
export interface H2ClientProbe {
  /** `section/what`, unique. */
  readonly name: string
  readonly section: string
  readonly rfc: string
  /** What the server sends once it has the head of the first request. */
  readonly steps: readonly Step[]
  /** What the client must say; null for anything that does not end the connection. */
  readonly expect: Expectation | null
  /** What the caller must get. */
  readonly outcome: OutcomeRule
  readonly settings: readonly (readonly [number, number])[]
  readonly request: Partial<H2ProbeRequest>
  /** A second request, made at this point. */
  readonly second: OutcomeRule | null
}

/** `answer`: a whole response that passes `check`. `error`: an error that passes `check`. `any`: either. */
export interface OutcomeRule {
  readonly kind: 'answer' | 'error' | 'any'
  readonly check?: ((outcome: ClientOutcome) => string | null) | undefined
}

/** What a builder may override. */
export type H2ClientProbeOptions = Partial<Pick<H2ClientProbe, 'settings' | 'request' | 'second'>>

export type H2ClientProbeBuilder = (
  name: string,
  rfc: string,
  steps: Step | readonly Step[],
  expect: Expectation | null,
  outcome: OutcomeRule,
  options?: H2ClientProbeOptions,
) => H2ClientProbe

/** The builder of the probes of one section. */
export function clientProbesOf(section: string): H2ClientProbeBuilder {
  return (name, rfc, steps, expect, outcome, options = {}) => ({
    name: `${section}/${name}`,
    section,
    rfc,
    steps: Array.isArray(steps) ? (steps as readonly Step[]) : [steps as Step],
    expect,
    outcome,
    settings: [],
    request: {},
    second: null,
    ...options,
  })
}
