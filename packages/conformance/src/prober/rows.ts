// Every row of the prober, section by section.
import { CHUNKED_ROWS } from './chunked-table.ts'
import { CONTENT_LENGTH_ROWS } from './content-length-table.ts'
import { FRAMING_ROWS } from './framing-table.ts'
import { HEADER_ROWS } from './header-table.ts'
import { HOST_ROWS } from './host-table.ts'
import { OBFUSCATION_ROWS } from './obfuscation-table.ts'
import { PREFIX_ROWS } from './prefix-table.ts'
import { REQUEST_LINE_ROWS } from './request-line-table.ts'
import type { Row } from './row.ts'
import { SEMANTICS_ROWS } from './semantics-table.ts'
import { SEQUENCE_ROWS } from './sequence-table.ts'
import { SLOW_ROWS } from './slow-table.ts'
import { TRANSFER_ENCODING_ROWS } from './transfer-encoding-table.ts'

/** All rows; names are unique. */
export const ALL_ROWS: readonly Row[] = [
  ...FRAMING_ROWS,
  ...PREFIX_ROWS,
  ...REQUEST_LINE_ROWS,
  ...HEADER_ROWS,
  ...HOST_ROWS,
  ...CONTENT_LENGTH_ROWS,
  ...TRANSFER_ENCODING_ROWS,
  ...CHUNKED_ROWS,
  ...SEMANTICS_ROWS,
  ...SEQUENCE_ROWS,
  ...OBFUSCATION_ROWS,
  ...SLOW_ROWS,
]
