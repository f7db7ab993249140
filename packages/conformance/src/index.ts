export { runProber, selectRows } from './prober/index.ts'
export type { ProberOptions, ProberReport, Row, RowResult, Verdict } from './prober/index.ts'
