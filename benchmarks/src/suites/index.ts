// Every scenario, in the order in which a round runs them.
import type { Scenario } from '../support/plan.ts'
import { BODY_SCENARIOS } from './bodies.ts'
import { CLIENT_SCENARIOS } from './client.ts'
import { H2_BODY_SCENARIOS } from './h2-bodies.ts'
import { H2_SERVER_SCENARIOS } from './h2-server.ts'
import { H2_WAN_SCENARIOS } from './h2-wan.ts'
import { IO_SCENARIOS } from './io.ts'
import { MEMORY_SCENARIOS } from './memory.ts'
import { H2_MICRO_SCENARIOS, LINEARITY_SCENARIOS, MICRO_SCENARIOS } from './micro.ts'
import { SERVER_SCENARIOS } from './server.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...SERVER_SCENARIOS,
  ...CLIENT_SCENARIOS,
  ...MEMORY_SCENARIOS,
  ...BODY_SCENARIOS,
  ...LINEARITY_SCENARIOS,
  ...MICRO_SCENARIOS,
  ...IO_SCENARIOS,
  ...H2_SERVER_SCENARIOS,
  ...H2_BODY_SCENARIOS,
  ...H2_WAN_SCENARIOS,
  ...H2_MICRO_SCENARIOS,
]
