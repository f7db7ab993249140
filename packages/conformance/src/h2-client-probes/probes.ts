// Every probe of HTTP/2 clients.
import { FRAME_PROBES, STATE_PROBES } from './frame-table.ts'
import { ENDING_PROBES, MESSAGE_PROBES } from './message-table.ts'
import type { H2ClientProbe } from './probe.ts'

/** All probes; names are unique. */
export const ALL_H2_CLIENT_PROBES: readonly H2ClientProbe[] = [
  ...FRAME_PROBES,
  ...STATE_PROBES,
  ...MESSAGE_PROBES,
  ...ENDING_PROBES,
]
