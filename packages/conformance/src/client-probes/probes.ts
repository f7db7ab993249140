// Every client probe; names are unique.
import { FRAMING_PROBES } from './framing-table.ts'
import { HEAD_PROBES } from './head-table.ts'
import type { Probe } from './probe.ts'
import { REUSE_PROBES } from './reuse-table.ts'

/** All probes, section by section. */
export const ALL_PROBES: readonly Probe[] = [...HEAD_PROBES, ...FRAMING_PROBES, ...REUSE_PROBES]
