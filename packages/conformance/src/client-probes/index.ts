export { ALL_PROBES } from './probes.ts'
export { runClientProbes } from './run.ts'
export type { ClientProbeOptions, ProbeResult } from './run.ts'
export type { ClientOutcome, FetchOne, Probe, ProbeRequest } from './probe.ts'
