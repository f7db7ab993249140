// An attack: something a hostile client does, with one side that a server must bear and one that it must stop. Black box: it
// needs a port, and a server with the settings that it names, so that timeouts take fractions of a second.
import { converse, type Step, type Transcript } from '../prober/wire.ts'
import type { ParsedStream } from '../prober/response.ts'

/** Where the server is. */
export interface Target {
  readonly host: string
  readonly port: number
}

/** Settings of the server under attack, by the names of `serve`. Milliseconds and bytes. */
export interface AttackSettings {
  readonly timeouts?: {
    readonly handshake?: number
    readonly headers?: number
    readonly idle?: number
    readonly receive?: number
    readonly send?: number
    readonly linger?: number
  }
  readonly limits?: { readonly minBodyRate?: number; readonly minBodyRateGrace?: number }
}

/** One side of one attack. */
export interface Attack {
  readonly name: string
  /** The weakness it is known by. */
  readonly known: string
  /** `within`: honest traffic close to the limit, which must be served. `beyond`: must be stopped. */
  readonly side: 'within' | 'beyond'
  readonly settings: AttackSettings
  /** Attacks. Resolves with what is wrong, or null. */
  readonly run: (target: Target) => Promise<string | null>
}

/** What an attack must come to. */
export interface Outcome {
  /** Statuses of all answers, in order. */
  readonly statuses: readonly number[]
  readonly closed: boolean
  /** Whether a reset will do as well as an answer and an end. */
  readonly orReset?: boolean
}

/** Sends the steps, waits for the end (or, where none is due, for the answers), and compares. */
export async function expectOutcome(
  target: Target,
  steps: readonly Step[],
  outcome: Outcome,
  patience = 15_000,
): Promise<string | null> {
  const complete = (stream: ParsedStream): number =>
    stream.responses.filter((response) => response.complete).length
  const transcript = await converse({
    ...target,
    steps,
    kindOf: () => 'plain',
    enough: (stream) => !outcome.closed && complete(stream) >= outcome.statuses.length,
    settle: 20,
    patience,
  })
  return compare(transcript, outcome)
}

/** The same steps again and again, with a pause after each. */
export function dribble(piece: string, times: number, pause: number): Step[] {
  return Array.from({ length: times }, (): Step[] => [piece, { pause }]).flat()
}

function compare(transcript: Transcript, outcome: Outcome): string | null {
  const { closed, reset, responses, failed, malformed } = transcript
  const statuses = responses.map(({ status }) => status).join(', ')
  const what = `${statuses === '' ? 'no answer' : statuses}, ${reset ? 'reset' : closed ? 'closed' : 'open'} after ${Math.round(transcript.elapsedMs)} ms`
  if (failed !== null || malformed !== null) return failed ?? malformed
  if (outcome.closed !== closed) return `must ${outcome.closed ? 'end' : 'stay open'}: ${what}`
  if (outcome.orReset === true && responses.length === 0) return null
  if (statuses !== outcome.statuses.join(', '))
    return `expected ${outcome.statuses.join(', ') || 'no answer'}: ${what}`
  return null
}
