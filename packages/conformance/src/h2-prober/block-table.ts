// Field blocks are one piece: RFC 9113 §4.3, §6.10.
import {
  continuation,
  data,
  frame,
  headers,
  INITIAL_WINDOW_SIZE,
  ping,
  priority,
  PROTOCOL_ERROR,
  rst,
  settings,
  COMPRESSION_ERROR,
  UNKNOWN,
  windowUpdate,
  CONTINUATION,
  STREAM_CLOSED,
} from './frames.ts'
import { ended, get, post, requestBlock } from './requests.ts'
import { connectionError, rowsOf, type Row } from './row.ts'

const row = rowsOf('block')
const bad = connectionError(PROTOCOL_ERROR)
const UNSEEN = { unseen: true } as const
const EMPTY = Buffer.alloc(0)
const WHOLE = requestBlock('GET', '/')
const OPEN = headers(1, WHOLE.subarray(0, 10), { done: false })
const REST = continuation(1, WHOLE.subarray(10))

function between(name: string, inside: Uint8Array): Row {
  return row(`${name}-inside`, '9113 §6.10', [OPEN, inside, REST], bad, UNSEEN)
}

export const BLOCK_ROWS: readonly Row[] = [
  row(
    'undecodable',
    '9113 §4.3',
    headers(1, Buffer.concat([WHOLE, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])])),
    connectionError(COMPRESSION_ERROR),
    UNSEEN,
  ),
  row(
    'cut-in-a-string',
    '9113 §4.3',
    headers(1, WHOLE.subarray(0, -3)),
    connectionError(COMPRESSION_ERROR),
    UNSEEN,
  ),
  row(
    'undecodable-trailers',
    '9113 §4.3',
    [post(1), headers(1, Buffer.from([0x80]))],
    connectionError(COMPRESSION_ERROR),
  ),
  between('data', data(1, 'x')),
  between('priority', priority(1)),
  between('priority-of-another-stream', priority(3)),
  between('rst-stream', rst(1)),
  between('settings', settings()),
  between('ping', ping()),
  between('window-update', windowUpdate(0, 1)),
  between('unknown-frame', frame(UNKNOWN, 0, 0, 'x')),
  between('unknown-frame-on-the-stream', frame(UNKNOWN, 0, 1, 'x')),
  between('headers-of-the-same-stream', headers(1, WHOLE)),
  between('headers-of-another-stream', headers(3, WHOLE)),
  between('continuation-of-another-stream', continuation(3, EMPTY)),
  row('continuation-on-connection', '9113 §6.10', frame(CONTINUATION, 4, 0, WHOLE), bad, UNSEEN),
  row(
    'continuation-on-connection-inside',
    '9113 §6.10',
    [OPEN, frame(CONTINUATION, 4, 0, EMPTY)],
    bad,
    UNSEEN,
  ),
  row('continuation-after-end-headers', '9113 §6.10', [get(1), continuation(1, EMPTY)], bad),
  row(
    'continuation-after-continuation-with-end-headers',
    '9113 §6.10',
    [OPEN, REST, continuation(1, EMPTY)],
    bad,
  ),
  row(
    'continuation-after-data',
    '9113 §6.10',
    [post(1), data(1, 'x', { end: false }), continuation(1, EMPTY)],
    bad,
  ),
  row('continuation-on-idle', '9113 §5.1', continuation(1, WHOLE), bad, UNSEEN),
  row(
    'continuation-on-half-closed',
    '9113 §5.1',
    [get(1), continuation(1, EMPTY)],
    connectionError(PROTOCOL_ERROR, STREAM_CLOSED),
    { settings: [[INITIAL_WINDOW_SIZE, 0]] },
  ),
  row(
    'continuation-on-closed',
    '9113 §5.1',
    [get(1), ended(), continuation(1, EMPTY)],
    connectionError(PROTOCOL_ERROR, STREAM_CLOSED),
  ),
]
