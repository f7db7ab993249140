// Flow control: RFC 9113 §5.2, §6.9.
import {
  data,
  DATA,
  filler,
  FLOW_CONTROL_ERROR,
  FRAME,
  HEADERS,
  INITIAL_WINDOW_SIZE,
  MAX_FRAME_SIZE,
  MAX_WINDOW,
  settings,
  windowUpdate,
} from './frames.ts'
import { ended, get, headed, HELLO, post } from './requests.ts'
import { answered, connectionError, quiet, rowsOf, streamError, type Expectation, type Row } from './row.ts'
import type { Wire } from './wire.ts'

const row = rowsOf('flow')
const BYTES = { need: 'bytes' } as const

function window(size: number): { settings: readonly (readonly [number, number])[] } {
  return { settings: [[INITIAL_WINDOW_SIZE, size]] }
}

/** Exactly so many bytes of the body, and no end. */
function sent(bytes: number, stream = 1): Expectation {
  return quiet(
    (wire) => {
      const { body, ended: over } = wire.view(stream)
      if (body.length !== bytes) return `${body.length} bytes, not ${bytes}`
      return over ? 'ended' : null
    },
    (wire) => wire.view(stream).body.length >= bytes && wire.view(stream).head !== null,
  )
}

function got(bytes: number): { await: (wire: Wire) => boolean } {
  return { await: (wire) => wire.view(1).body.length >= bytes }
}

export const FLOW_ROWS: readonly Row[] = [
  row('window-0-sends-the-head-alone', '9113 §6.9', get(1), sent(0), window(0)),
  row('window-1-sends-one-byte', '9113 §6.9', get(1), sent(1), window(1)),
  row('window-12-sends-all-but-one', '9113 §6.9', get(1), sent(12), window(12)),
  row('window-13-sends-all', '9113 §6.9', get(1), answered(1, { body: HELLO }), window(13)),
  row('update-lets-it-go-on', '9113 §6.9', [get(1), got(1), windowUpdate(1, 4)], sent(5), window(1)),
  row(
    'updates-byte-by-byte',
    '9113 §6.9',
    [get(1), ...Array.from({ length: 13 }, () => windowUpdate(1, 1))],
    answered(1, { body: HELLO }),
    window(0),
  ),
  row(
    'settings-after-headers-widen',
    '9113 §6.9.2',
    [get(1), headed(), settings([INITIAL_WINDOW_SIZE, 1])],
    sent(1),
    window(0),
  ),
  row(
    'settings-make-it-negative',
    '9113 §6.9.2',
    [get(1), got(3), settings([INITIAL_WINDOW_SIZE, 2]), windowUpdate(1, 1)],
    sent(3),
    window(3),
  ),
  row(
    'positive-again',
    '9113 §6.9.2',
    [get(1), got(3), settings([INITIAL_WINDOW_SIZE, 2]), windowUpdate(1, 2)],
    sent(4),
    window(3),
  ),
  row(
    'settings-back-and-forth',
    '9113 §6.9.2',
    [get(1), got(3), settings([INITIAL_WINDOW_SIZE, 0]), settings([INITIAL_WINDOW_SIZE, 4])],
    sent(4),
    window(3),
  ),
  row('last-of-two-values-wins', '9113 §6.5.3', get(1), sent(1), {
    settings: [
      [INITIAL_WINDOW_SIZE, 100],
      [INITIAL_WINDOW_SIZE, 1],
    ],
  }),
  row('settings-before-headers-apply', '9113 §6.9.2', [settings([INITIAL_WINDOW_SIZE, 2]), get(1)], sent(2)),
  row(
    'settings-overflow-a-stream',
    '9113 §6.9.2',
    [post(1, '/ignore-slow'), windowUpdate(1, MAX_WINDOW - 5), settings([INITIAL_WINDOW_SIZE, 10])],
    connectionError(FLOW_CONTROL_ERROR),
    { ...window(0), ...BYTES },
  ),
  row(
    'other-streams-go-on',
    '9113 §5.2.1',
    [get(1), headed(), get(3), windowUpdate(3, 13), ended(3)],
    quiet((wire) => {
      return wire.view(3).body.toString('latin1') === HELLO && wire.view(1).body.length === 0
        ? null
        : 'stream 3 did not go on alone'
    }),
    window(0),
  ),
  row('connection-window-holds', '9113 §6.9.1', [get(1, '/bytes/70000'), got(65_535)], sent(65_535), {
    ...BYTES,
    ...window(1_000_000),
  }),
  row(
    'connection-window-is-shared',
    '9113 §6.9.1',
    [get(1, '/bytes/40000'), get(3, '/bytes/40000'), { await: (wire) => all(wire) >= 65_535 }],
    quiet((wire) => {
      return all(wire) === 65_535 ? null : `${all(wire)} bytes`
    }),
    { ...BYTES, ...window(1_000_000) },
  ),
  row(
    'connection-window-grows',
    '9113 §6.9.1',
    [get(1, '/bytes/70000'), got(65_535), windowUpdate(0, 10_000), ended()],
    answered(1, { check: (wire) => (wire.view(1).body.length === 70_000 ? null : 'cut') }),
    { ...BYTES, ...window(1_000_000) },
  ),
  row(
    'frames-fit-the-default-size',
    '9113 §4.2',
    [get(1, '/bytes/60000'), ended()],
    answered(1, { check: fits(FRAME) }),
    BYTES,
  ),
  row(
    'frames-fit-our-size',
    '9113 §4.2',
    [get(1, '/bytes/60000'), ended()],
    answered(1, { check: fits(20_000) }),
    { ...BYTES, settings: [[MAX_FRAME_SIZE, 20_000]] },
  ),
  row(
    'bytes-arrive-in-order',
    '9113 §6.1',
    [get(1, '/bytes/60000'), ended()],
    answered(1, { check: (wire) => (isPattern(wire.view(1).body) ? null : 'not the pattern') }),
    BYTES,
  ),
  row(
    'more-than-the-stream-window',
    '9113 §6.9.1',
    [post(1, '/ignore-slow'), { act: overflow }],
    streamError(1, FLOW_CONTROL_ERROR),
    BYTES,
  ),
  row(
    'more-than-the-connection-window',
    '9113 §6.9.1',
    [{ act: overflowConnection }],
    connectionError(FLOW_CONTROL_ERROR),
    BYTES,
  ),
  row(
    'padding-counts',
    '9113 §6.9.1',
    [post(1, '/ignore-slow'), { act: overflowByPadding }],
    streamError(1, FLOW_CONTROL_ERROR),
    BYTES,
  ),
]

function all(wire: Wire): number {
  return wire.frames.reduce((sum, { type, payload }) => sum + (type === DATA ? payload.length : 0), 0)
}

function fits(most: number): (wire: Wire) => string | null {
  return (wire) => {
    const large = wire.frames.find(
      ({ type, payload }) => (type === DATA || type === HEADERS) && payload.length > most,
    )
    return large === undefined ? null : `a frame of ${large.payload.length}`
  }
}

function isPattern(body: Buffer): boolean {
  return body.length === 60_000 && body.every((byte, index) => byte === body[index % 26])
}

/** So many bytes of DATA, in frames. */
async function pour(wire: Wire, stream: number, bytes: number): Promise<void> {
  for (let left = bytes; left > 0 && !wire.closed; left -= FRAME) {
    await wire.send(data(stream, filler(Math.min(left, FRAME)), { end: false }))
  }
}

async function overflow(wire: Wire): Promise<void> {
  await pour(wire, 1, (wire.setting(INITIAL_WINDOW_SIZE) ?? 65_535) + 1)
}

// On as many streams as it takes, none of them over its own window.
async function overflowConnection(wire: Wire): Promise<void> {
  const each = wire.setting(INITIAL_WINDOW_SIZE) ?? 65_535
  for (let stream = 1; stream < 80 && !wire.closed; stream += 2) {
    await wire.send(post(stream, '/ignore-slow'))
    await pour(wire, stream, each)
  }
}

async function overflowByPadding(wire: Wire): Promise<void> {
  const most = wire.setting(INITIAL_WINDOW_SIZE) ?? 65_535
  await pour(wire, 1, most - 256)
  await wire.send(data(1, 'x', { end: false, pad: 255 }))
}
