// What is wrong with single frames: RFC 9113 §6.
import {
  ACK,
  CONTINUATION,
  data,
  DATA,
  ENABLE_PUSH,
  END_HEADERS,
  END_STREAM,
  FLOW_CONTROL_ERROR,
  frame,
  FRAME_SIZE_ERROR,
  GOAWAY,
  HAS_PRIORITY,
  headers,
  HEADERS,
  INITIAL_WINDOW_SIZE,
  MAX_FRAME_SIZE,
  MAX_WINDOW,
  PADDED,
  PING,
  priority,
  PRIORITY,
  PRIORITY_UPDATE,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  RST_STREAM,
  settings,
  SETTINGS,
  u32,
  windowUpdate,
  WINDOW_UPDATE,
} from './frames.ts'
import { get, HELLO, post, requestBlock } from './requests.ts'
import { answered, connectionError, eitherError, oneOf, rowsOf, streamError, type Row } from './row.ts'

const row = rowsOf('frame')
const bad = connectionError(PROTOCOL_ERROR)
const size = connectionError(FRAME_SIZE_ERROR)
const flow = connectionError(FLOW_CONTROL_ERROR)
const GET = requestBlock('GET', '/')
const WHOLE = END_STREAM | END_HEADERS
const EIGHT = Buffer.alloc(8)

export const FRAME_ROWS: readonly Row[] = [
  row('data-on-connection', '9113 §6.1', frame(DATA, END_STREAM, 0, 'x'), bad),
  row('headers-on-connection', '9113 §6.2', frame(HEADERS, WHOLE, 0, GET), bad, { unseen: true }),
  row('priority-on-connection', '9113 §6.3', priority(0), bad),
  row('rst-stream-on-connection', '9113 §6.4', frame(RST_STREAM, 0, 0, u32(8)), bad),
  row('settings-on-stream', '9113 §6.5', frame(SETTINGS, 0, 1), bad),
  row('settings-acknowledgement-on-stream', '9113 §6.5', frame(SETTINGS, ACK, 1), bad),
  row('ping-on-stream', '9113 §6.7', frame(PING, 0, 1, EIGHT), bad),
  row('goaway-on-stream', '9113 §6.8', frame(GOAWAY, 0, 1, EIGHT), bad),
  row('continuation-on-connection', '9113 §6.10', frame(CONTINUATION, END_HEADERS, 0, GET), bad),
  row('priority-update-on-stream', '9218 §7.1', frame(PRIORITY_UPDATE, 0, 1, u32(1)), bad),
  row('priority-update-of-the-connection', '9218 §7.1', frame(PRIORITY_UPDATE, 0, 0, u32(0)), bad),

  row(
    'data-pad-length-of-the-payload',
    '9113 §6.1',
    [post(1, '/'), frame(DATA, END_STREAM | PADDED, 1, Buffer.from([6, 1, 2, 3, 4, 5]))],
    bad,
  ),
  row(
    'data-pad-length-beyond-the-payload',
    '9113 §6.1',
    [post(1, '/'), frame(DATA, END_STREAM | PADDED, 1, Buffer.from([255, 1]))],
    bad,
  ),
  row(
    'data-padded-without-pad-length',
    '9113 §6.1',
    [post(1, '/'), frame(DATA, END_STREAM | PADDED, 1)],
    connectionError(FRAME_SIZE_ERROR, PROTOCOL_ERROR),
  ),
  row(
    'headers-pad-length-of-the-payload',
    '9113 §6.2',
    frame(HEADERS, WHOLE | PADDED, 1, Buffer.concat([Buffer.of(GET.length + 1), GET])),
    bad,
    { unseen: true },
  ),
  row(
    'headers-padded-without-pad-length',
    '9113 §6.2',
    frame(HEADERS, WHOLE | PADDED, 1),
    connectionError(FRAME_SIZE_ERROR, PROTOCOL_ERROR),
  ),
  row(
    'headers-priority-cut',
    '9113 §6.2',
    frame(HEADERS, WHOLE | HAS_PRIORITY, 1, Buffer.alloc(4)),
    connectionError(FRAME_SIZE_ERROR, PROTOCOL_ERROR),
  ),
  row(
    'headers-pad-length-over-priority',
    '9113 §6.2',
    frame(HEADERS, WHOLE | PADDED | HAS_PRIORITY, 1, Buffer.from([5, 0, 0, 0, 0, 1, 0, 0])),
    bad,
  ),

  row(
    'priority-of-4',
    '9113 §6.3',
    [post(1, '/'), frame(PRIORITY, 0, 1, Buffer.alloc(4))],
    streamError(1, FRAME_SIZE_ERROR),
  ),
  row(
    'priority-of-6',
    '9113 §6.3',
    [post(1, '/'), frame(PRIORITY, 0, 1, Buffer.alloc(6))],
    streamError(1, FRAME_SIZE_ERROR),
  ),
  row(
    'priority-of-4-on-an-idle-stream',
    '9113 §6.3',
    frame(PRIORITY, 0, 1, Buffer.alloc(4)),
    oneOf(streamError(1, FRAME_SIZE_ERROR), connectionError(FRAME_SIZE_ERROR)),
  ),
  row('rst-stream-of-3', '9113 §6.4', [post(1, '/'), frame(RST_STREAM, 0, 1, Buffer.alloc(3))], size),
  row('rst-stream-of-5', '9113 §6.4', [post(1, '/'), frame(RST_STREAM, 0, 1, Buffer.alloc(5))], size),
  row('settings-of-3', '9113 §6.5', frame(SETTINGS, 0, 0, Buffer.alloc(3)), size),
  row('settings-of-7', '9113 §6.5', frame(SETTINGS, 0, 0, Buffer.alloc(7)), size),
  row('settings-acknowledgement-with-payload', '9113 §6.5', frame(SETTINGS, ACK, 0, Buffer.alloc(6)), size),
  row(
    'settings-acknowledgement-unasked',
    '9113 §6.5',
    [{ pause: 50 }, frame(SETTINGS, ACK, 0)],
    oneOf(bad, answeredAnyway()),
  ),
  row('ping-of-6', '9113 §6.7', frame(PING, 0, 0, Buffer.alloc(6)), size),
  row('ping-of-9', '9113 §6.7', frame(PING, 0, 0, Buffer.alloc(9)), size),
  row('ping-acknowledgement-of-7', '9113 §6.7', frame(PING, ACK, 0, Buffer.alloc(7)), size),
  row('goaway-of-7', '9113 §6.8', frame(GOAWAY, 0, 0, Buffer.alloc(7)), size),
  row('window-update-of-3', '9113 §6.9', frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(3)), size),
  row('window-update-of-5', '9113 §6.9', frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(5)), size),
  row(
    'window-update-of-3-on-stream',
    '9113 §6.9',
    [post(1, '/'), frame(WINDOW_UPDATE, 0, 1, Buffer.alloc(3))],
    size,
  ),
  row('priority-update-of-3', '9218 §7.1', frame(PRIORITY_UPDATE, 0, 0, Buffer.alloc(3)), size),

  // RFC 9113 §5.3.2 has deprecated what these say, RFC 7540 §5.3.1 makes both an error.
  row(
    'headers-depend-on-themselves',
    '7540 §5.3.1',
    get(1, '/', { priority: { on: 1 } }),
    streamError(1, PROTOCOL_ERROR),
    { unseen: true },
  ),
  row(
    'priority-depends-on-itself',
    '7540 §5.3.1',
    [post(1, '/'), priority(1, { on: 1 })],
    streamError(1, PROTOCOL_ERROR),
  ),
  // RFC 9113 §5.1: an idle stream cannot be reset.
  row(
    'priority-depends-on-itself-idle',
    '7540 §5.3.1',
    priority(1, { on: 1 }),
    eitherError(1, PROTOCOL_ERROR),
  ),

  row('enable-push-2', '9113 §6.5.2', settings([ENABLE_PUSH, 2]), bad),
  row('enable-push-0', '9113 §6.5.2', [settings([ENABLE_PUSH, 0]), get(1)], answered(1, { body: HELLO })),
  row('enable-push-1', '9113 §6.5.2', [settings([ENABLE_PUSH, 1]), get(1)], answered(1, { body: HELLO })),
  row('max-frame-size-16383', '9113 §6.5.2', settings([MAX_FRAME_SIZE, 16_383]), bad),
  row('max-frame-size-0', '9113 §6.5.2', settings([MAX_FRAME_SIZE, 0]), bad),
  row('max-frame-size-2-to-the-24', '9113 §6.5.2', settings([MAX_FRAME_SIZE, 0x1000000]), bad),
  row(
    'max-frame-size-largest',
    '9113 §6.5.2',
    [settings([MAX_FRAME_SIZE, 0xffffff]), get(1)],
    answered(1, { body: HELLO }),
  ),
  row('initial-window-2-to-the-31', '9113 §6.5.2', settings([INITIAL_WINDOW_SIZE, 0x80000000]), flow),
  row(
    'initial-window-2-to-the-32-less-one',
    '9113 §6.5.2',
    settings([INITIAL_WINDOW_SIZE, 0xffffffff]),
    flow,
  ),
  row(
    'initial-window-largest',
    '9113 §6.5.2',
    [settings([INITIAL_WINDOW_SIZE, MAX_WINDOW]), get(1)],
    answered(1, { body: HELLO }),
  ),
  row(
    'a-bad-value-behind-a-good-one',
    '9113 §6.5',
    settings([MAX_FRAME_SIZE, 16_384], [MAX_FRAME_SIZE, 1]),
    bad,
  ),
  row('connect-protocol-2', '8441 §3', settings([0x8, 2]), oneOf(bad, answeredAnyway())),

  row('window-update-0-on-connection', '9113 §6.9', windowUpdate(0, 0), bad),
  row(
    'window-update-0-on-stream',
    '9113 §6.9',
    [post(1, '/'), windowUpdate(1, 0)],
    streamError(1, PROTOCOL_ERROR),
  ),
  row('window-overflow-on-connection', '9113 §6.9.1', windowUpdate(0, MAX_WINDOW), flow),
  row(
    'window-overflow-on-connection-in-two',
    '9113 §6.9.1',
    [windowUpdate(0, MAX_WINDOW - 65_535), windowUpdate(0, 1)],
    flow,
  ),
  row(
    'window-largest-on-connection',
    '9113 §6.9.1',
    [windowUpdate(0, MAX_WINDOW - 65_535), get(1)],
    answered(1, { body: HELLO }),
  ),
  row(
    'window-overflow-on-stream',
    '9113 §6.9.1',
    [post(1, '/ignore-slow'), windowUpdate(1, MAX_WINDOW)],
    streamError(1, FLOW_CONTROL_ERROR),
  ),
  row(
    'window-overflow-on-stream-in-two',
    '9113 §6.9.1',
    [post(1, '/ignore-slow'), windowUpdate(1, MAX_WINDOW - 65_535), windowUpdate(1, 1)],
    streamError(1, FLOW_CONTROL_ERROR),
  ),
  row(
    'push-promise-from-a-client',
    '9113 §8.4',
    frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([u32(2), GET])),
    bad,
    { unseen: true },
  ),
  row(
    'push-promise-on-an-open-stream',
    '9113 §8.4',
    [post(1, '/'), frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([u32(2), GET]))],
    bad,
  ),
  row(
    'headers-of-both-kinds-of-end-then-data',
    '9113 §6.2',
    [headers(1, GET, { end: false, done: true }), data(1, '')],
    answered(1, { body: HELLO }),
  ),
]

/** The connection goes on as if nothing had been. */
function answeredAnyway(): ReturnType<typeof answered> {
  return {
    ...answered(),
    done: () => false,
    judge: (wire) => ({ verdict: wire.goAway > 0 || wire.closed ? 'fail' : 'pass', detail: wire.describe() }),
  }
}
