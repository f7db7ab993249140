// An HTTP/2 attack: something a hostile client does, with one side that a server must bear and one that it must stop. Black box: it
// needs a port, and a server with the settings that it names, so that timeouts take fractions of a second.
import type { H2ServerOptions } from '@hyper/core/h2'
import { ENHANCE_YOUR_CALM, errorName } from '../h2-prober/frames.ts'
import { get, HELLO } from '../h2-prober/requests.ts'
import { greet } from '../h2-prober/run.ts'
import { Wire, type Place } from '../h2-prober/wire.ts'

/** The server under attack. */
export interface H2Target extends Place {
  /** Its connections that are not closed. */
  readonly open: () => number
  /** The requests that its service has seen, in all. */
  readonly requests: () => number
}

/** One side of one attack. */
export interface H2Attack {
  readonly name: string
  /** The weakness it is known by. */
  readonly known: string
  /** `within`: honest traffic close to the limit, which must be served. `beyond`: must be stopped. */
  readonly side: 'within' | 'beyond'
  readonly settings: H2ServerOptions
  /** Attacks. Resolves with what is wrong, or null. */
  readonly run: (target: H2Target) => Promise<string | null>
}

type Run = H2Attack['run']

/** The builders of attacks of one kind. */
export function attacksOf(known: string): {
  beyond: (name: string, run: Run, settings?: H2ServerOptions) => H2Attack
  within: (name: string, run: Run, settings?: H2ServerOptions) => H2Attack
} {
  const build = (side: H2Attack['side']) => {
    return (name: string, run: Run, settings: H2ServerOptions = {}): H2Attack => ({
      name,
      known,
      side,
      settings,
      run,
    })
  }
  return { beyond: build('beyond'), within: build('within') }
}

/** How long something that must happen is waited for, in milliseconds: it says how busy the machine may be. */
export const PATIENCE = 15_000

/** A connection past its prefaces. */
export async function begin(
  target: Place,
  pairs: readonly (readonly [number, number])[] = [],
): Promise<Wire> {
  const wire = new Wire(target)
  await wire.opened
  await greet(wire, pairs, PATIENCE)
  return wire
}

/** Sends piece after piece until all is sent or the connection is over; now and then gives the server a turn. */
export async function flood(
  wire: Wire,
  times: number,
  piece: (index: number) => Uint8Array,
  batch = 100,
): Promise<number> {
  let sent = 0
  while (sent < times && !wire.closed) {
    const count = Math.min(batch, times - sent)
    await wire.send(Buffer.concat(Array.from({ length: count }, (_, index) => piece(sent + index))))
    sent += count
    await new Promise((resolve) => setImmediate(resolve))
  }
  return sent
}

/** The connection must end with GOAWAY and one of these codes. */
export async function mustEnd(wire: Wire, ...codes: readonly number[]): Promise<string | null> {
  const wanted = codes.length === 0 ? [ENHANCE_YOUR_CALM] : codes
  await wire.until(() => false, PATIENCE)
  const { goAway, closed } = wire
  wire.destroy()
  if (!closed) return `still open, GOAWAY ${errorName(goAway)}`
  return wanted.includes(goAway)
    ? null
    : `ended with ${goAway < 0 ? 'no GOAWAY' : errorName(goAway)}, not ${wanted.map(errorName).join(' or ')}`
}

/** The connection must be alive and answer a GET on this stream. */
export async function mustServe(wire: Wire, stream: number): Promise<string | null> {
  await wire.send(get(stream))
  await wire.until((w) => w.frames.some((got) => got.stream === stream && (got.flags & 1) !== 0), PATIENCE)
  const { status, body } = wire.view(stream)
  const wrong = status === 200 && body.toString('latin1') === HELLO ? null : `not served: ${wire.describe()}`
  wire.destroy()
  return wrong
}

/** A request on a new connection is answered. */
export async function cleanRequest(target: Place): Promise<string | null> {
  const wrong = await mustServe(await begin(target), 1)
  return wrong === null ? null : `afterwards: ${wrong}`
}
