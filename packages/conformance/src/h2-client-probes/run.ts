// Runs the HTTP/2 client probes. In: a function that fetches. Out: a verdict per probe. It knows nothing of the client behind it.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { HEADERS, settings } from '../h2-prober/frames.ts'
import { play, settle } from '../h2-prober/run.ts'
import { Wire } from '../h2-prober/wire.ts'
import type { ClientOutcome, H2ClientProbe, H2FetchOne, H2ProbeRequest, OutcomeRule } from './probe.ts'
import { ALL_H2_CLIENT_PROBES } from './probes.ts'

/** What became of a probe. */
export interface H2ProbeResult {
  readonly name: string
  readonly verdict: 'pass' | 'warn' | 'fail'
  readonly detail: string
}

/** Options of {@link runH2ClientProbes}. */
export interface H2ClientProbeRun {
  /** A fresh client for each probe; it must keep its connection. */
  readonly makeClient: () => { readonly fetchOne: H2FetchOne; readonly close: () => Promise<void> }
  /** Probes whose name contains this; all when absent. */
  readonly only?: string | undefined
  /** Longest wait, in milliseconds. Default 1500. */
  readonly patience?: number | undefined
}

const REQUEST: H2ProbeRequest = { method: 'GET', path: '/', headers: [], body: '' }

/** Probes a client, eight cases at a time. */
export async function runH2ClientProbes(options: H2ClientProbeRun): Promise<readonly H2ProbeResult[]> {
  const { only } = options
  const probes = ALL_H2_CLIENT_PROBES.filter(({ name }) => only === undefined || name.includes(only))
  const results: H2ProbeResult[] = new Array(probes.length)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < probes.length) {
      const index = next++
      const probe = probes[index]
      if (probe !== undefined) results[index] = { name: probe.name, ...(await run(probe, options)) }
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return results
}

async function run(probe: H2ClientProbe, options: H2ClientProbeRun): Promise<Omit<H2ProbeResult, 'name'>> {
  const patience = options.patience ?? 1_500
  const { server, origin, accepted } = await listen()
  const client = options.makeClient()
  try {
    const fetched = client.fetchOne(origin, { ...REQUEST, ...probe.request })
    const wire = new Wire(await accepted)
    await wire.send(settings(...probe.settings))
    await wire.until((w) => w.frames.some(({ type }) => type === HEADERS), patience)
    for (const step of probe.steps) await play(wire, step, patience)
    const second = probe.second === null ? null : client.fetchOne(origin, REQUEST)
    const wireVerdict = await judgeWire(probe, wire, patience)
    if (wireVerdict.verdict === 'fail') return wireVerdict
    const wrong = wrongWith(probe.outcome, await within(fetched, patience))
    if (wrong !== null) return { verdict: 'fail', detail: `${wrong}: ${wire.describe()}` }
    if (second !== null && probe.second !== null) {
      const alsoWrong = wrongWith(probe.second, await within(second, patience))
      if (alsoWrong !== null) return { verdict: 'fail', detail: `second request: ${alsoWrong}` }
    }
    return wireVerdict
  } finally {
    await client.close()
    server.close()
  }
}

async function judgeWire(
  probe: H2ClientProbe,
  wire: Wire,
  patience: number,
): Promise<Omit<H2ProbeResult, 'name'>> {
  const { expect } = probe
  if (expect === null) return { verdict: wire.malformed === null ? 'pass' : 'fail', detail: wire.describe() }
  await wire.until((w) => expect.done(w), patience)
  if (expect.ends || wire.goAway > 0) await wire.until(() => false, patience)
  else await settle(wire, patience)
  const { verdict, detail } = expect.judge(wire)
  if (wire.malformed !== null) return { verdict: 'fail', detail: wire.describe() }
  return { verdict: verdict === 'skip' ? 'fail' : verdict, detail }
}

function wrongWith(rule: OutcomeRule, outcome: ClientOutcome | null): string | null {
  if (outcome === null) return rule.kind === 'any' ? null : 'the caller waits for ever'
  if (rule.kind === 'answer' && outcome.error !== null) return `the caller got ${outcome.error}`
  if (rule.kind === 'error' && outcome.error === null)
    return `the caller got ${outcome.status} ${JSON.stringify(outcome.body)}`
  return rule.check?.(outcome) ?? null
}

function within(promise: Promise<ClientOutcome>, ms: number): Promise<ClientOutcome | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms)
    void promise.then((outcome) => {
      clearTimeout(timer)
      resolve(outcome)
    })
  })
}

interface Listening {
  readonly server: Server
  readonly origin: string
  readonly accepted: Promise<Socket>
}

async function listen(): Promise<Listening> {
  const server = createServer({ allowHalfOpen: true, noDelay: true })
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, accepted }
}
