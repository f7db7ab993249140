// Runs the client probes. In: a function that fetches. Out: a verdict per probe. It knows nothing of the client behind the function.
import { setTimeout as sleep } from 'node:timers/promises'
import { ALL_PROBES } from './probes.ts'
import type { ClientOutcome, FetchOne, Probe, ProbeStep } from './probe.ts'
import { startScripted, type ScriptedServer } from './server.ts'

/** What became of a probe. */
export interface ProbeResult {
  readonly name: string
  readonly section: string
  readonly rfc: string
  readonly verdict: 'pass' | 'fail'
  readonly detail: string
}

/** Options of {@link runClientProbes}. */
export interface ClientProbeOptions {
  /** Probes whose name contains this; all when absent. */
  readonly only?: string | undefined
  /** Longest wait for one outcome, in milliseconds. Default 2000. */
  readonly patience?: number | undefined
  /** Makes a client for one probe, so that probes share no connections. */
  readonly makeClient: () => { readonly fetchOne: FetchOne; readonly close: () => Promise<void> }
}

/** Runs the probes, eight at a time, each with its own client and its own server. */
export async function runClientProbes(options: ClientProbeOptions): Promise<readonly ProbeResult[]> {
  const probes = ALL_PROBES.filter(({ name }) => options.only === undefined || name.includes(options.only))
  const results: ProbeResult[] = new Array(probes.length)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < probes.length) {
      const index = next++
      const probe = probes[index]
      if (probe !== undefined) results[index] = await runProbe(probe, options)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return results
}

async function runProbe(probe: Probe, options: ClientProbeOptions): Promise<ProbeResult> {
  const { name, section, rfc } = probe
  const server = await startScripted(probe.scripts)
  const client = options.makeClient()
  try {
    const wrong = await runSteps(probe, server, client.fetchOne, options.patience ?? 2_000)
    return { name, section, rfc, verdict: wrong === null ? 'pass' : 'fail', detail: wrong ?? 'as expected' }
  } finally {
    await Promise.race([client.close(), sleep(1_000)])
    await server.close()
  }
}

async function runSteps(
  probe: Probe,
  server: ScriptedServer,
  fetchOne: FetchOne,
  patience: number,
): Promise<string | null> {
  for (const [index, step] of probe.steps.entries()) {
    if (step.after !== undefined) {
      await server.idle()
      await sleep(step.after)
    }
    const url = `http://127.0.0.1:${server.port}/${index}`
    const request = { method: 'GET', headers: [], ...step.request }
    const outcome = await Promise.race([fetchOne(url, request), tooLate(patience)])
    const wrong = outcome === null ? 'neither answered nor failed' : judge(step, outcome)
    if (wrong !== null) return probe.steps.length === 1 ? wrong : `request ${index + 1}: ${wrong}`
  }
  const { connections } = probe
  if (connections !== undefined && server.connections() !== connections) {
    return `${server.connections()} connections, not ${connections}`
  }
  return null
}

async function tooLate(patience: number): Promise<null> {
  await sleep(patience, undefined, { ref: false })
  return null
}

function judge(step: ProbeStep, outcome: ClientOutcome): string | null {
  if (outcome.error !== null) return step.expect === 'answer' ? `failed: ${outcome.error}` : null
  if (step.expect === 'error')
    return `took it: ${outcome.status} ${JSON.stringify(outcome.body.slice(0, 60))}`
  if (step.status !== undefined && outcome.status !== step.status)
    return `status ${outcome.status}, not ${step.status}`
  if (step.body !== undefined && outcome.body !== step.body)
    return `content ${JSON.stringify(outcome.body.slice(0, 60))}`
  return step.check === undefined ? null : step.check(outcome)
}
