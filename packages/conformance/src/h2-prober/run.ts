// The HTTP/2 prober: every row against one port. In: where, which rows, and optionally a witness beside the service. Out: a verdict
// per row. It holds no opinion of its own: rules are in the tables.
import { ACK, data, frame, goAway, NO_ERROR, ping, PREFACE, settings, SETTINGS } from './frames.ts'
import { get, post } from './requests.ts'
import type { Need, Row, Step, Verdict } from './row.ts'
import { ALL_ROWS } from './rows.ts'
import { Wire, type Place } from './wire.ts'

/** Where and what to probe. */
export interface H2ProberOptions extends Place {
  /** Rows whose name contains this; all when absent. */
  readonly only?: string | undefined
  /** Connections at a time. Default 8. */
  readonly concurrency?: number | undefined
  /** Longest wait, in milliseconds. Default 2000. */
  readonly patience?: number | undefined
  /** What the service saw on the connection that came from this local port, for example `['GET /']`. */
  readonly witness?: ((clientPort: number) => readonly string[]) | undefined
}

/** A row and what became of it. */
export interface H2RowResult extends Verdict {
  readonly name: string
  readonly section: string
  readonly rfc: string
  readonly rule: string
}

const PROBE = 'probe!!!'

/** Probes a port. Rejects only when nothing listens there. */
export async function runH2Prober(options: H2ProberOptions): Promise<readonly H2RowResult[]> {
  const rows = selectH2Rows(options.only)
  const able = await findAbilities(options)
  const results: H2RowResult[] = new Array(rows.length)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < rows.length) {
      const index = next++
      const row = rows[index]
      if (row === undefined) return
      const { name, section, rfc } = row
      const verdict: Verdict = able.has(row.need)
        ? await probe(row, options)
        : { verdict: 'skip', detail: `the server has no ${row.need} routes` }
      results[index] = { name, section, rfc, rule: row.expect.rule, ...verdict }
    }
  }
  await Promise.all(Array.from({ length: options.concurrency ?? 8 }, worker))
  return results
}

/** The rows that these options choose. */
export function selectH2Rows(only?: string): readonly Row[] {
  return ALL_ROWS.filter(({ name }) => only === undefined || name.includes(only))
}

async function probe(row: Row, options: H2ProberOptions): Promise<Verdict> {
  const patience = options.patience ?? 2_000
  const wire = new Wire(options)
  try {
    await wire.opened
    // A port may have been somebody else's before.
    const before = options.witness?.(wire.localPort).length ?? 0
    // Between pieces of a preface there is no place for an acknowledgement.
    wire.acks = !row.raw
    if (!row.raw) await greet(wire, row.settings, patience)
    for (const step of row.steps) await play(wire, step, patience)
    if (row.raw && !row.expect.ends) await wire.send(frame(SETTINGS, ACK, 0))
    await wire.until((w) => row.expect.done(w), patience)
    if (row.expect.ends || wire.goAway > 0) await wire.until(() => false, wire.goAway > 0 ? patience : 0)
    else await settle(wire, patience)
    if (wire.failed !== null || wire.malformed !== null) return { verdict: 'fail', detail: wire.describe() }
    const verdict = row.expect.judge(wire)
    return row.unseen ? seenAgainst(verdict, options.witness?.(wire.localPort).slice(before) ?? []) : verdict
  } finally {
    if (!wire.closed) await wire.send(goAway(0, NO_ERROR))
    wire.destroy()
  }
}

// A ping that comes back shows that all before it was taken, and that the connection lives.
export async function settle(wire: Wire, patience: number): Promise<void> {
  await wire.send(ping(PROBE))
  await wire.until((w) => w.ponged(PROBE) || w.goAway > 0, patience)
  if (wire.goAway > 0) await wire.until(() => false, patience)
  else if (!wire.closed && !wire.ponged(PROBE)) wire.malformed = 'the connection answers no PING any more'
}

function seenAgainst(verdict: Verdict, seen: readonly string[]): Verdict {
  if (seen.length === 0 || verdict.verdict === 'fail') return verdict
  return { verdict: 'fail', detail: `the service saw ${seen.join(', ')}: ${verdict.detail}` }
}

/** The client's preface, and the server's. */
export async function greet(
  wire: Wire,
  pairs: readonly (readonly [number, number])[] = [],
  patience: number = 2_000,
): Promise<void> {
  await wire.send(Buffer.concat([PREFACE, settings(...pairs)]))
  await wire.until((w) => w.has(SETTINGS, 0), patience)
}

export async function play(wire: Wire, step: Step, patience: number): Promise<void> {
  if (step instanceof Uint8Array) return wire.send(step)
  if ('await' in step) await wire.until(step.await, patience)
  else if ('pause' in step) await wire.until(() => false, step.pause)
  else {
    const bytes = step.act(wire)
    if (bytes instanceof Promise) await bytes
    else await wire.send(bytes)
  }
}

// A row that posts to `/echo` proves nothing where that is a 404.
async function findAbilities(options: H2ProberOptions): Promise<ReadonlySet<Need>> {
  const wire = new Wire(options)
  await wire.opened
  await greet(wire)
  const asked = [get(1), post(3), data(3, 'hello'), get(5, '/inspect'), get(7, '/bytes/5')]
  await wire.send(Buffer.concat(asked))
  await wire.until((w) => [1, 3, 5, 7].every((id) => w.view(id).ended || w.view(id).reset >= 0), 3_000)
  const able = new Set<Need>()
  if (wire.view(1).head === null)
    throw new Error(`no HTTP/2 at ${options.host}:${options.port}: ${wire.describe()}`)
  able.add('none')
  if (wire.view(3).status === 200 && wire.view(3).body.toString('latin1') === 'hello') able.add('echo')
  if (wire.view(5).status === 200 && wire.view(5).body.includes('"method"')) able.add('inspect')
  if (wire.view(7).status === 200 && wire.view(7).body.length === 5) able.add('bytes')
  wire.destroy()
  return able
}
