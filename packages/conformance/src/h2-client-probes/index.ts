export { ALL_H2_CLIENT_PROBES } from './probes.ts'
export { runH2ClientProbes } from './run.ts'
export type { H2ClientProbeRun, H2ProbeResult } from './run.ts'
export type { H2ClientProbe, H2FetchOne, H2ProbeRequest } from './probe.ts'
