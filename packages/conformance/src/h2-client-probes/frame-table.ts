// Frames and states, seen from a client: RFC 9113 §4 to §6.
import {
  ACK,
  COMPRESSION_ERROR,
  continuation,
  CONTINUATION,
  data,
  DATA,
  ENABLE_PUSH,
  END_HEADERS,
  END_STREAM,
  filler,
  FLOW_CONTROL_ERROR,
  frame,
  FRAME,
  FRAME_SIZE_ERROR,
  GOAWAY,
  headers,
  HEADERS,
  INITIAL_WINDOW_SIZE,
  MAX_FRAME_SIZE,
  MAX_WINDOW,
  NO_ERROR,
  PADDED,
  ping,
  PING,
  priority,
  PRIORITY,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  rst,
  RST_STREAM,
  settings,
  SETTINGS,
  STREAM_CLOSED,
  u32,
  UNKNOWN,
  windowUpdate,
  WINDOW_UPDATE,
} from '../h2-prober/frames.ts'
import { block, indexed, tableSize } from '../h2-prober/hpack.ts'
import {
  connectionError,
  eitherError,
  oneOf,
  quiet,
  streamError,
  type Expectation,
} from '../h2-prober/row.ts'
import type { Step } from '../h2-prober/row.ts'
import type { Wire } from '../h2-prober/wire.ts'
import { clientProbesOf, type H2ClientProbe, type OutcomeRule } from './probe.ts'

const probe = clientProbesOf('frame')
const state = clientProbesOf('state')

const OK = block([':status', '200'])
const HEAD = headers(1, OK, { end: false })
const HEAD_ONLY = headers(1, OK)
const WHOLE = Buffer.concat([HEAD, data(1, 'hello')])
const ANSWER: OutcomeRule = {
  kind: 'answer',
  check: ({ status, body }) =>
    status === 200 && body === 'hello' ? null : `${status} ${JSON.stringify(body)}`,
}
const ERROR: OutcomeRule = { kind: 'error' }
const ANY: OutcomeRule = { kind: 'any' }
const bad = connectionError(PROTOCOL_ERROR)
const size = connectionError(FRAME_SIZE_ERROR)
const flow = connectionError(FLOW_CONTROL_ERROR)
const well = quiet(() => null)

/** Before any part of the answer: ends the connection, and the request with it. */
function fatal(name: string, rfc: string, sent: Step | readonly Step[], expect: Expectation): H2ClientProbe {
  return probe(name, rfc, sent, expect, ERROR)
}

/** In front of a whole answer: changes nothing. */
function harmless(name: string, rfc: string, ...sent: readonly Step[]): H2ClientProbe {
  return probe(name, rfc, [...sent, WHOLE], well, ANSWER)
}

export const FRAME_PROBES: readonly H2ClientProbe[] = [
  harmless('preface-and-settings', '9113 §3.4'),
  harmless('settings-acknowledged', '9113 §6.5.3', settings(), {
    await: (wire) =>
      wire.frames.filter(({ type, flags }) => type === SETTINGS && (flags & ACK) !== 0).length >= 2,
  }),
  probe(
    'ping-answered',
    '9113 §6.7',
    [ping('12345678'), { await: (wire) => wire.ponged('12345678') }, WHOLE],
    quiet((wire) => (wire.ponged('12345678') ? null : 'no answer')),
    ANSWER,
  ),
  harmless('ping-acknowledgement-unasked', '9113 §6.7', ping('unasked.', ACK)),
  harmless('unknown-frame', '9113 §4.1', frame(UNKNOWN, 0, 0, 'x'), frame(UNKNOWN, 0xff, 1, 'x')),
  harmless('undefined-flags', '9113 §4.1', ping('flagged.', 0xf6)),
  harmless('reserved-bit', '9113 §4.1', frame(PING, 0, 0x80000000, '87654321')),
  harmless('unknown-setting', '9113 §6.5.2', settings([0xff, 1])),
  harmless('priority', '9113 §6.3', priority(1), priority(7)),
  harmless(
    'headers-with-priority-and-padding',
    '9113 §6.2',
    headers(1, block([':status', '103']), { end: false, pad: 9, priority: { on: 0 } }),
  ),
  probe(
    'continuation',
    '9113 §6.10',
    [
      headers(1, OK.subarray(0, 3), { end: false, done: false }),
      continuation(1, OK.subarray(3, 5), false),
      continuation(1, OK.subarray(5)),
      data(1, 'hello'),
    ],
    well,
    ANSWER,
  ),
  probe('data-of-16384', '9113 §4.2', [HEAD, data(1, filler(FRAME))], well, {
    kind: 'answer',
    check: ({ body }) => (body.length === FRAME ? null : 'cut'),
  }),
  probe(
    'data-padded-and-empty',
    '9113 §6.1',
    [
      HEAD,
      data(1, '', { end: false }),
      data(1, 'hel', { end: false, pad: 200 }),
      data(1, 'lo', { end: false }),
      data(1),
    ],
    well,
    ANSWER,
  ),

  probe(
    'data-over-its-size',
    '9113 §4.2',
    [HEAD, data(1, filler(FRAME + 1))],
    eitherError(1, FRAME_SIZE_ERROR),
    ERROR,
  ),
  fatal(
    'headers-over-their-size',
    '9113 §4.2',
    headers(1, block([':status', '200'], ['x-a', 'a'.repeat(FRAME)])),
    size,
  ),
  fatal(
    'block-undecodable',
    '9113 §4.3',
    headers(1, Buffer.from([0x80])),
    connectionError(COMPRESSION_ERROR),
  ),
  fatal(
    'block-size-update-above-the-setting',
    '7541 §6.3',
    headers(1, Buffer.concat([tableSize(4_097), OK])),
    connectionError(COMPRESSION_ERROR),
  ),
  fatal(
    'block-index-beyond-the-table',
    '7541 §2.3.3',
    headers(1, Buffer.concat([OK, indexed(70)])),
    connectionError(COMPRESSION_ERROR),
  ),
  fatal('priority-inside-a-block', '9113 §6.10', [headers(1, OK, { done: false }), priority(1)], bad),
  fatal(
    'unknown-frame-inside-a-block',
    '9113 §6.10',
    [headers(1, OK, { done: false }), frame(UNKNOWN, 0, 0)],
    bad,
  ),
  fatal(
    'headers-of-another-stream-inside-a-block',
    '9113 §6.10',
    [headers(1, OK, { done: false }), headers(3, OK)],
    bad,
  ),
  fatal('continuation-without-headers', '9113 §6.10', continuation(1, OK), bad),
  fatal('continuation-after-end-headers', '9113 §6.10', [HEAD, continuation(1, OK)], bad),
  fatal(
    'continuation-on-connection',
    '9113 §6.10',
    [headers(1, OK, { done: false }), frame(CONTINUATION, END_HEADERS, 0)],
    bad,
  ),

  fatal('data-on-connection', '9113 §6.1', frame(DATA, END_STREAM, 0, 'x'), bad),
  fatal('headers-on-connection', '9113 §6.2', frame(HEADERS, END_HEADERS | END_STREAM, 0, OK), bad),
  fatal('priority-on-connection', '9113 §6.3', priority(0), bad),
  probe(
    'priority-of-4',
    '9113 §6.3',
    frame(PRIORITY, 0, 1, Buffer.alloc(4)),
    eitherError(1, FRAME_SIZE_ERROR),
    ERROR,
  ),
  fatal('rst-stream-on-connection', '9113 §6.4', frame(RST_STREAM, 0, 0, u32(8)), bad),
  fatal('rst-stream-of-3', '9113 §6.4', frame(RST_STREAM, 0, 1, Buffer.alloc(3)), size),
  fatal('settings-on-stream', '9113 §6.5', frame(SETTINGS, 0, 1), bad),
  fatal('settings-of-3', '9113 §6.5', frame(SETTINGS, 0, 0, Buffer.alloc(3)), size),
  fatal('settings-acknowledgement-with-payload', '9113 §6.5', frame(SETTINGS, ACK, 0, Buffer.alloc(6)), size),
  fatal('settings-enable-push-1', '9113 §6.5.2', settings([ENABLE_PUSH, 1]), bad),
  fatal('settings-enable-push-2', '9113 §6.5.2', settings([ENABLE_PUSH, 2]), bad),
  fatal(
    'settings-window-above-the-largest',
    '9113 §6.5.2',
    settings([INITIAL_WINDOW_SIZE, 0x80000000]),
    flow,
  ),
  fatal('settings-frame-size-below-the-smallest', '9113 §6.5.2', settings([MAX_FRAME_SIZE, 16_383]), bad),
  fatal('settings-frame-size-above-the-largest', '9113 §6.5.2', settings([MAX_FRAME_SIZE, 16_777_216]), bad),
  fatal(
    'push-promise',
    '9113 §8.4',
    frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([u32(2), block([':method', 'GET'])])),
    bad,
  ),
  fatal('ping-on-stream', '9113 §6.7', frame(PING, 0, 1, Buffer.alloc(8)), bad),
  fatal('ping-of-6', '9113 §6.7', frame(PING, 0, 0, Buffer.alloc(6)), size),
  fatal('goaway-on-stream', '9113 §6.8', frame(GOAWAY, 0, 1, Buffer.alloc(8)), bad),
  fatal('goaway-of-7', '9113 §6.8', frame(GOAWAY, 0, 0, Buffer.alloc(7)), size),
  fatal('window-update-0-on-connection', '9113 §6.9', windowUpdate(0, 0), bad),
  probe('window-update-0-on-stream', '9113 §6.9', windowUpdate(1, 0), streamError(1, PROTOCOL_ERROR), ERROR),
  fatal('window-update-of-3', '9113 §6.9', frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(3)), size),
  fatal(
    'window-overflow-on-connection',
    '9113 §6.9.1',
    [windowUpdate(0, MAX_WINDOW), windowUpdate(0, MAX_WINDOW)],
    flow,
  ),
  probe(
    'window-overflow-on-stream',
    '9113 §6.9.1',
    [windowUpdate(1, MAX_WINDOW), windowUpdate(1, MAX_WINDOW)],
    streamError(1, FLOW_CONTROL_ERROR),
    ERROR,
  ),
  probe(
    'window-overflow-after-the-request',
    '9113 §6.9.1',
    [HEAD, windowUpdate(1, MAX_WINDOW), windowUpdate(1, MAX_WINDOW)],
    streamError(1, FLOW_CONTROL_ERROR),
    ERROR,
  ),
  probe(
    'data-pad-length-of-the-payload',
    '9113 §6.1',
    [HEAD, frame(DATA, END_STREAM | PADDED, 1, Buffer.from([6, 1, 2, 3, 4, 5]))],
    bad,
    ERROR,
  ),
  fatal(
    'headers-pad-length-of-the-payload',
    '9113 §6.2',
    frame(HEADERS, END_STREAM | END_HEADERS | PADDED, 1, Buffer.concat([Buffer.of(OK.length + 1), OK])),
    bad,
  ),
  probe(
    'more-than-the-stream-window',
    '9113 §6.9.1',
    [
      HEAD,
      {
        act: async (wire) => {
          const window = wire.setting(INITIAL_WINDOW_SIZE) ?? 65_535
          for (let left = window + 1; left > 0 && !wire.closed; left -= FRAME)
            await wire.send(data(1, filler(Math.min(FRAME, left)), { end: false }))
        },
      },
    ],
    oneOf(eitherError(1, FLOW_CONTROL_ERROR), well),
    ANY,
  ),
]

const BIG = { request: { method: 'POST', body: 'x'.repeat(100_000) } } as const

function sent(bytes: number): (wire: Wire) => boolean {
  return (wire) => wire.view(1).body.length >= bytes
}

function sentExactly(bytes: number): (wire: Wire) => string | null {
  return (wire) => (wire.view(1).body.length === bytes ? null : `${wire.view(1).body.length} bytes`)
}

export const STATE_PROBES: readonly H2ClientProbe[] = [
  state('idle-data', '9113 §5.1', data(3, 'x'), bad, ERROR),
  state('idle-headers', '9113 §5.1', headers(3, OK), bad, ERROR),
  state('idle-rst-stream', '9113 §5.1', rst(3), bad, ERROR),
  state('idle-window-update', '9113 §5.1', windowUpdate(3, 1), bad, ERROR),
  state('even-headers', '9113 §5.1.1', headers(2, OK), bad, ERROR),
  state('even-data', '9113 §5.1', data(2, 'x'), bad, ERROR),
  state(
    'closed-data',
    '9113 §5.1',
    [WHOLE, { pause: 30 }, data(1, 'x')],
    connectionError(STREAM_CLOSED),
    ANSWER,
  ),
  state(
    'closed-headers',
    '9113 §5.1',
    [WHOLE, { pause: 30 }, headers(1, block(['x-t', 'v']))],
    connectionError(STREAM_CLOSED),
    ANSWER,
  ),
  state(
    'closed-continuation',
    '9113 §5.1',
    [WHOLE, { pause: 30 }, continuation(1, OK)],
    connectionError(PROTOCOL_ERROR, STREAM_CLOSED),
    ANSWER,
  ),
  state(
    'closed-window-update-and-rst',
    '9113 §5.1',
    [WHOLE, { pause: 30 }, windowUpdate(1, 5), priority(1), rst(1, NO_ERROR)],
    well,
    ANSWER,
  ),
  state(
    'closed-by-rst-then-data',
    '9113 §5.1',
    [HEAD, rst(1), { pause: 30 }, data(1, 'x')],
    eitherError(1, STREAM_CLOSED),
    ERROR,
  ),
  state(
    'half-closed-data-while-the-request-goes-on',
    '9113 §5.1',
    [WHOLE, data(1, 'x')],
    oneOf(
      eitherError(1, STREAM_CLOSED),
      quiet(() => null),
    ),
    ANY,
    { request: { method: 'POST', body: 'x'.repeat(100_000) } },
  ),
  state('default-window-holds', '9113 §6.9.1', { await: sent(65_535) }, quiet(sentExactly(65_535)), ANY, BIG),
  state(
    'windows-that-grow-send-all',
    '9113 §6.9',
    [{ await: sent(65_535) }, windowUpdate(0, 34_464), windowUpdate(1, 34_464), { await: sent(99_999) }],
    quiet(sentExactly(99_999)),
    ANY,
    BIG,
  ),
  state(
    'settings-narrow-a-window',
    '9113 §6.9.2',
    [
      { await: sent(65_535) },
      settings([INITIAL_WINDOW_SIZE, 65_530]),
      windowUpdate(0, 1_000),
      windowUpdate(1, 6),
      { await: sent(65_536) },
    ],
    quiet(sentExactly(65_536)),
    ANY,
    BIG,
  ),
  state('head-only', '9113 §8.1', HEAD_ONLY, well, {
    kind: 'answer',
    check: ({ body }) => (body === '' ? null : 'a body'),
  }),
]
