// Every row of the HTTP/2 prober, section by section.
import { BLOCK_ROWS } from './block-table.ts'
import { FLOW_ROWS } from './flow-table.ts'
import { FRAME_ROWS } from './frame-table.ts'
import { HPACK_ROWS } from './hpack-table.ts'
import { HPACK_WORKS_ROWS } from './hpack-works-table.ts'
import { IGNORED_ROWS } from './ignored-table.ts'
import { MESSAGE_ROWS } from './message-table.ts'
import { PREFACE_ROWS } from './preface-table.ts'
import type { Row } from './row.ts'
import { STATE_ROWS } from './state-table.ts'
import { WORKS_ROWS } from './works-table.ts'

/** All rows; names are unique. */
export const ALL_ROWS: readonly Row[] = [
  ...WORKS_ROWS,
  ...HPACK_WORKS_ROWS,
  ...IGNORED_ROWS,
  ...PREFACE_ROWS,
  ...BLOCK_ROWS,
  ...STATE_ROWS,
  ...FRAME_ROWS,
  ...FLOW_ROWS,
  ...MESSAGE_ROWS,
  ...HPACK_ROWS,
]
