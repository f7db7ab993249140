// A client probe: what a badly behaved server sends, and what a client must make of it.
import type { Step } from '../prober/wire.ts'

/** What a client got for one request; `error` is set when it got no whole response. */
export interface ClientOutcome {
  readonly status: number | null
  /** The content, one character per byte; '' when there was none. */
  readonly body: string
  readonly headers: readonly (readonly [string, string])[]
  readonly informational: readonly number[]
  readonly trailers: readonly (readonly [string, string])[]
  /** A code or a sentence; null when the whole response arrived. */
  readonly error: string | null
}

/** What the fetching side is asked to send. */
export interface ProbeRequest {
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
}

/** Sends one request and reads its answer to the end. Never rejects. */
export type FetchOne = (url: string, request: ProbeRequest) => Promise<ClientOutcome>

/** What the server does on its n-th connection, each time it has got a request head (or on connecting, with `unasked`). */
export interface ServerScript {
  readonly send: readonly Step[]
  /** What happens to the connection then. Default: it stays open. */
  readonly ending?: 'end' | 'reset' | 'stay' | undefined
  /** Sends the moment the connection is made, before any request. */
  readonly unasked?: boolean | undefined
}

/** One request of a probe and what must come of it. */
export interface ProbeStep {
  readonly request?: Partial<ProbeRequest> | undefined
  /** `answer`: this response, whole. `error`: an error, and no whole response. `either`: an error, or exactly this response. */
  readonly expect: 'answer' | 'error' | 'either'
  readonly status?: number | undefined
  readonly body?: string | undefined
  readonly check?: ((outcome: ClientOutcome) => string | null) | undefined
  /** Waits until the server has sent what it had to, and so many milliseconds more, so that stray bytes have arrived. */
  readonly after?: number | undefined
}

/** One case. Requests are sent one after the other, through one client. */
export interface Probe {
  readonly name: string
  readonly section: string
  readonly rfc: string
  /** One per request that the server sees, in order, whatever connection it comes on. */
  readonly scripts: readonly ServerScript[]
  readonly steps: readonly ProbeStep[]
  /** How many connections the client must have made by the end, when that matters. */
  readonly connections?: number | undefined
}

type ProbeOptions = Partial<Pick<Probe, 'connections'>> & Partial<ProbeStep> & Pick<ServerScript, 'ending'>

/** Builders for probes of one section with one request. */
export interface ProbeBuilders {
  readonly accepts: (
    name: string,
    rfc: string,
    send: string | readonly Step[],
    body: string,
    options?: ProbeOptions,
  ) => Probe
  readonly rejects: (
    name: string,
    rfc: string,
    send: string | readonly Step[],
    options?: ProbeOptions,
  ) => Probe
}

/** The builders for one section. */
export function probesOf(section: string): ProbeBuilders {
  const build = (
    name: string,
    rfc: string,
    send: string | readonly Step[],
    step: ProbeStep,
    options: ProbeOptions,
  ): Probe => {
    const { ending, connections, ...rest } = options
    const steps = typeof send === 'string' ? [send] : send
    return {
      name: `${section}/${name}`,
      section,
      rfc,
      scripts: [{ send: steps, ending }],
      steps: [{ ...step, ...rest }],
      connections,
    }
  }
  return {
    accepts: (name, rfc, send, body, options = {}) =>
      build(name, rfc, send, { expect: 'answer', status: 200, body }, options),
    rejects: (name, rfc, send, options = {}) => build(name, rfc, send, { expect: 'error' }, options),
  }
}
