// What must be ignored: RFC 9113 §4.1, §5.5, §6.
import {
  ACK,
  data,
  frame,
  goAway,
  headers,
  HEADERS,
  NO_ERROR,
  ping,
  PING,
  priority,
  PRIORITY_UPDATE,
  rst,
  settings,
  SETTINGS,
  UNKNOWN,
  filler,
  FRAME,
  u32,
  WINDOW_UPDATE,
} from './frames.ts'
import { ended, get, headed, HELLO, post, requestBlock } from './requests.ts'
import { answered, quiet, rowsOf, type Row } from './row.ts'

const row = rowsOf('ignored')
const hello = answered(1, { body: HELLO })

export const IGNORED_ROWS: readonly Row[] = [
  row('unknown-frame-on-the-connection', '9113 §4.1', [frame(UNKNOWN, 0, 0, 'anything'), get(1)], hello),
  row(
    'unknown-frame-on-an-open-stream',
    '9113 §5.5',
    [post(1), frame(UNKNOWN, 0xff, 1, 'x'), data(1, 'hello')],
    answered(1, { body: 'hello' }),
    { need: 'echo' },
  ),
  row('unknown-frame-on-an-idle-stream', '9113 §5.5', [frame(UNKNOWN, 0, 7, 'x'), get(1)], hello),
  row(
    'unknown-frame-on-a-closed-stream',
    '9113 §5.5',
    [get(1), ended(), frame(UNKNOWN, 0, 1, 'x'), get(3)],
    answered(3),
  ),
  row('unknown-frame-of-16384', '9113 §4.1', [frame(UNKNOWN, 0, 0, filler(FRAME)), get(1)], hello),
  row('unknown-frame-empty', '9113 §4.1', [frame(UNKNOWN, 0, 0), get(1)], hello),
  ...[0xb, 0xc, 0x1f, 0xff].map((type) =>
    row(`frame-type-${type.toString(16)}`, '9113 §4.1', [frame(type, 0, 0, 'origin'), get(1)], hello),
  ),
  row(
    'undefined-flags-on-headers',
    '9113 §4.1',
    frame(HEADERS, 0x05 | 0xd2, 1, requestBlock('GET', '/')),
    hello,
  ),
  row(
    'undefined-flags-on-data',
    '9113 §4.1',
    [post(1), frame(0, 0x01 | 0xf6, 1, 'hello')],
    answered(1, { body: 'hello' }),
    { need: 'echo' },
  ),
  row(
    'undefined-flags-on-ping',
    '9113 §4.1',
    [ping('flagged.', 0xfe), { await: (wire) => wire.ponged('flagged.') }],
    quiet((wire) => (wire.ponged('flagged.') ? null : 'no answer')),
  ),
  row('undefined-flags-on-settings', '9113 §4.1', [frame(SETTINGS, 0xfe, 0, Buffer.alloc(0)), get(1)], hello),
  row(
    'undefined-flags-on-window-update',
    '9113 §4.1',
    [frame(WINDOW_UPDATE, 0xff, 0, u32(1)), get(1)],
    hello,
  ),
  row('reserved-bit-of-the-stream', '9113 §4.1', headers(0x80000001, requestBlock('GET', '/')), hello),
  row(
    'reserved-bit-of-the-connection',
    '9113 §4.1',
    [frame(PING, 0, 0x80000000, 'reserved'), { await: (wire) => wire.ponged('reserved') }],
    quiet((wire) => (wire.ponged('reserved') ? null : 'no answer')),
  ),
  row(
    'reserved-bit-of-an-increment',
    '9113 §6.9',
    [frame(WINDOW_UPDATE, 0, 0, u32(0x80000001)), get(1)],
    hello,
  ),
  row('unknown-setting', '9113 §6.5.2', [settings([0xff, 0], [0xfafa, 0xffffffff]), get(1)], hello),
  row('unknown-setting-first', '9113 §6.5.2', get(1), hello, { settings: [[0x1a2a, 1]] }),
  row('setting-zero', '9113 §6.5.2', [settings([0, 7]), get(1)], hello),
  row(
    'unknown-error-in-goaway',
    '9113 §7',
    [get(1), headed(), goAway(0, 0xff)],
    quiet(() => null),
  ),
  row(
    'goaway-with-debug-data',
    '9113 §6.8',
    [get(1), ended(), goAway(0, NO_ERROR, 'x'.repeat(1_000))],
    quiet(() => null),
  ),
  row('unknown-error-in-rst-stream', '9113 §7', [post(1), rst(1, 0xff), get(3)], answered(3)),
  row('ping-acknowledgement-unasked', '9113 §6.7', [ping('unasked.', ACK), get(1)], hello),
  row('priority-on-idle', '9113 §5.1', [priority(99), get(1)], hello),
  row(
    'priority-on-open',
    '9113 §5.1',
    [post(1), priority(1, { on: 3, weight: 3 }), data(1, 'hello')],
    answered(1, { body: 'hello' }),
    { need: 'echo' },
  ),
  row('priority-circle', '9113 §5.3.1', [priority(1, { on: 3 }), priority(3, { on: 1 }), get(1)], hello),
  row(
    'priority-update',
    '9218 §7.1',
    [frame(PRIORITY_UPDATE, 0, 0, Buffer.concat([u32(1), Buffer.from('u=1, i')])), get(1)],
    hello,
  ),
  row(
    'priority-update-that-is-no-structured-field',
    '9218 §7.1',
    [frame(PRIORITY_UPDATE, 0, 0, Buffer.concat([u32(1), Buffer.from('\xff=;,u=99')])), get(1)],
    hello,
  ),
]
