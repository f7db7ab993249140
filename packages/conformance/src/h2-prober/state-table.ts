// States of streams and their numbers: RFC 9113 §5.1.
import {
  data,
  headers,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  rst,
  STREAM_CLOSED,
  windowUpdate,
  NO_ERROR,
} from './frames.ts'
import { block } from './hpack.ts'
import { ended, get, post, requestBlock } from './requests.ts'
import { answered, connectionError, eitherError, oneOf, quiet, rowsOf, streamError, type Row } from './row.ts'
import type { Wire } from './wire.ts'

const row = rowsOf('state')
const bad = connectionError(PROTOCOL_ERROR)
const gone = connectionError(STREAM_CLOSED)
const HELD = { settings: [[INITIAL_WINDOW_SIZE, 0]] } as const
const TRAILERS = headers(1, block(['x-t', 'v']))

export const STATE_ROWS: readonly Row[] = [
  row('idle-data', '9113 §5.1', data(1, 'x'), bad),
  row('idle-rst-stream', '9113 §5.1', rst(1), bad),
  row('idle-window-update', '9113 §5.1', windowUpdate(1, 100), bad),
  row('idle-data-beyond-the-last', '9113 §5.1', [get(1), ended(), data(5, 'x')], bad),
  row('idle-even-window-update', '9113 §5.1', windowUpdate(2, 1), bad),
  row('idle-even-rst-stream', '9113 §5.1', rst(2), bad),
  row('half-closed-data', '9113 §5.1', [get(1), data(1, 'x')], streamError(1, STREAM_CLOSED), HELD),
  row('half-closed-empty-data', '9113 §5.1', [get(1), data(1)], streamError(1, STREAM_CLOSED), HELD),
  row('half-closed-headers', '9113 §5.1', [get(1), TRAILERS], streamError(1, STREAM_CLOSED), HELD),
  row('half-closed-headers-of-a-request', '9113 §5.1', [get(1), get(1)], streamError(1, STREAM_CLOSED), HELD),
  row(
    'half-closed-by-trailers-then-data',
    '9113 §5.1',
    [post(1, '/'), TRAILERS, data(1, 'x')],
    streamError(1, STREAM_CLOSED),
    HELD,
  ),
  row(
    'closed-by-their-reset-data',
    '9113 §5.1',
    [post(1, '/'), rst(1), data(1, 'x')],
    eitherError(1, STREAM_CLOSED),
  ),
  row(
    'closed-by-their-reset-headers',
    '9113 §5.1',
    [post(1, '/'), rst(1), headers(1, requestBlock('GET', '/'))],
    eitherError(1, STREAM_CLOSED),
  ),
  row(
    'closed-by-our-reset-data-is-ignored',
    '9113 §5.1',
    [
      headers(1, block([':method', 'GET']), { end: false }),
      { await: reset },
      data(1, 'x', { end: false }),
      data(1, 'x'),
      get(3),
    ],
    oneOf(answered(3), eitherError(1, STREAM_CLOSED)),
  ),
  row(
    'closed-by-our-reset-headers-are-ignored',
    '9113 §5.1',
    [headers(1, block([':method', 'GET']), { end: false }), { await: reset }, TRAILERS, get(3)],
    oneOf(answered(3), eitherError(1, STREAM_CLOSED)),
  ),
  row(
    'closed-by-our-reset-window-update-is-ignored',
    '9113 §5.1',
    [
      headers(1, block([':method', 'GET']), { end: false }),
      { await: reset },
      windowUpdate(1, 5),
      rst(1),
      get(3),
    ],
    answered(3),
  ),
  row('closed-by-end-data', '9113 §5.1', [get(1), ended(), data(1, 'x')], gone),
  row('closed-by-end-headers', '9113 §5.1', [get(1), ended(), get(1)], gone),
  row('closed-by-end-trailers', '9113 §5.1', [get(1), ended(), TRAILERS], gone),
  row('even-stream', '9113 §5.1.1', headers(2, requestBlock('GET', '/')), bad, { unseen: true }),
  row(
    'lower-stream',
    '9113 §5.1.1',
    [get(5), ended(5), get(3)],
    connectionError(PROTOCOL_ERROR, STREAM_CLOSED),
  ),
  row('even-data', '9113 §5.1', data(2, 'x'), bad),
  row(
    'more-than-max-concurrent',
    '9113 §5.1.2',
    [{ act: tooMany }, { await: anyReset }],
    quietButRefused(),
    HELD,
  ),
]

function reset(wire: Wire): boolean {
  return wire.view(1).reset > 0
}

function anyReset(wire: Wire): boolean {
  return wire.goAway >= 0 || refusedOf(wire).length > 0
}

function refusedOf(wire: Wire): number[] {
  return wire.frames.filter(({ type }) => type === 3).map(({ payload }) => payload.readUInt32BE(0))
}

// One stream more than the server has announced.
function tooMany(wire: Wire): Uint8Array {
  const most = wire.setting(MAX_CONCURRENT_STREAMS) ?? 1_000
  return Buffer.concat(Array.from({ length: most + 1 }, (_, index) => get(2 * index + 1)))
}

function quietButRefused(): ReturnType<typeof quiet> {
  const base = quiet(() => null)
  return {
    ...base,
    rule: 'S(REFUSED_STREAM | PROTOCOL_ERROR)',
    done: anyReset,
    judge(wire) {
      const codes = refusedOf(wire)
      const detail = `${wire.setting(MAX_CONCURRENT_STREAMS) ?? 'no'} announced, refused: ${codes.join()}, GOAWAY ${wire.goAway}`
      if (wire.goAway > NO_ERROR) return { verdict: wire.goAway === PROTOCOL_ERROR ? 'warn' : 'fail', detail }
      const right = codes.length === 1 && (codes[0] === REFUSED_STREAM || codes[0] === PROTOCOL_ERROR)
      return { verdict: right ? 'pass' : 'fail', detail }
    },
  }
}
