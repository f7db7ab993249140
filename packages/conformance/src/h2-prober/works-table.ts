// What must work: RFC 9113 §3.4, §4 to §6, §8.1.
import {
  ACK,
  CANCEL,
  continuation,
  data,
  filler,
  FRAME,
  goAway,
  headers,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  NO_ERROR,
  ping,
  priority,
  rst,
  settings,
  SETTINGS,
  windowUpdate,
} from './frames.ts'
import { block } from './hpack.ts'
import { arrived, ended, get, HELLO, headed, inspected, post, postBody, requestBlock } from './requests.ts'
import { answered, quiet, rowsOf, valueOf, type Row } from './row.ts'

const row = rowsOf('works')
const hello = answered(1, { body: HELLO })
const echoed = answered(1, { body: 'hello' })
const ECHO = { need: 'echo' } as const
// A response that cannot leave keeps its stream half-closed (remote).
const HELD = { settings: [[INITIAL_WINDOW_SIZE, 0]] } as const

export const WORKS_ROWS: readonly Row[] = [
  row(
    'preface',
    '9113 §3.4',
    [],
    quiet((wire) => (wire.has(SETTINGS, ACK) ? null : 'SETTINGS not acknowledged')),
  ),
  row(
    'settings-come-first',
    '9113 §3.4',
    get(1),
    answered(1, { check: (wire) => (wire.frames[0]?.type === SETTINGS ? null : 'not first') }),
  ),
  row('get', '9113 §8.1', get(1), hello),
  row(
    'head',
    '9113 §8.1',
    headers(1, requestBlock('HEAD', '/')),
    answered(1, {
      body: '',
      check: (wire) =>
        valueOf(wire.view(1).head, 'content-length') === '13' ? null : 'content-length is not that of GET',
    }),
  ),
  row('post', '9113 §8.1', postBody(1, 'hello'), echoed, ECHO),
  row(
    'post-with-trailers',
    '9113 §8.1',
    [post(1, '/inspect'), data(1, 'hello', { end: false }), headers(1, block(['x-t', 'v']))],
    answered(1, {
      check: (wire) =>
        JSON.stringify(inspected(wire)?.trailers) === '[["x-t","v"]]' ? null : 'the trailers did not arrive',
    }),
    { need: 'inspect' },
  ),
  row(
    'post-with-trailers-without-data',
    '9113 §8.1',
    [post(1, '/inspect'), headers(1, block(['x-t', 'v']))],
    answered(1),
    { need: 'inspect' },
  ),
  row('options-asterisk', '9113 §8.3.1', headers(1, requestBlock('OPTIONS', '*')), answered(1)),
  row(
    'cookie-crumbs-are-joined',
    '9113 §8.2.3',
    get(1, '/inspect', {}, ['cookie', 'a=b'], ['cookie', 'c=d']),
    answered(1, { check: arrived(['cookie', 'a=b; c=d']) }),
    { need: 'inspect' },
  ),
  row('te-trailers', '9113 §8.2.2', get(1, '/', {}, ['te', 'trailers']), hello),
  row('host-beside-the-same-authority', '9113 §8.3.1', get(1, '/', {}, ['host', 'localhost']), hello),
  row(
    'host-without-authority',
    '9113 §8.3.1',
    headers(1, block([':method', 'GET'], [':scheme', 'http'], [':path', '/'], ['host', 'localhost'])),
    hello,
  ),
  row(
    'pseudo-header-fields-in-another-order',
    '9113 §8.3',
    headers(1, block([':path', '/'], [':authority', 'localhost'], [':method', 'GET'], [':scheme', 'http'])),
    hello,
  ),
  row(
    'content-length-that-fits',
    '9113 §8.1.1',
    postBody(1, 'hello', '/echo', ['content-length', '5']),
    echoed,
    ECHO,
  ),
  row(
    'content-length-zero-with-end',
    '9113 §8.1.1',
    headers(1, requestBlock('POST', '/echo', ['content-length', '0'])),
    answered(1, { body: '' }),
    ECHO,
  ),

  row(
    'data-several',
    '9113 §6.1',
    [post(1), data(1, 'he', { end: false }), data(1, 'l', { end: false }), data(1, 'lo')],
    echoed,
    ECHO,
  ),
  row(
    'data-empty-at-the-end',
    '9113 §6.1',
    [post(1), data(1, 'hello', { end: false }), data(1)],
    echoed,
    ECHO,
  ),
  row('data-padded', '9113 §6.1', [post(1), data(1, 'hello', { pad: 5 })], echoed, ECHO),
  row('data-padded-by-nothing', '9113 §6.1', [post(1), data(1, 'hello', { pad: 0 })], echoed, ECHO),
  row('data-padded-by-255', '9113 §6.1', [post(1), data(1, 'hello', { pad: 255 })], echoed, ECHO),
  row(
    'data-only-padding',
    '9113 §6.1',
    [post(1), data(1, '', { pad: 7, end: false }), data(1, 'hello')],
    echoed,
    ECHO,
  ),
  row(
    'data-of-16384',
    '9113 §4.2',
    [post(1, '/inspect'), data(1, filler(FRAME))],
    answered(1, {
      check: (wire) => (inspected(wire)?.bodyLength === FRAME ? null : 'not all of it arrived'),
    }),
    { need: 'inspect' },
  ),
  row(
    'data-byte-by-byte',
    '9113 §4.1',
    [
      post(1),
      ...Array.from(data(1, 'hello'), (byte) => Buffer.of(byte)).flatMap((byte) => [byte, { pause: 1 }]),
    ],
    echoed,
    ECHO,
  ),

  row('headers-padded', '9113 §6.2', get(1, '/', { pad: 5 }), hello),
  row('headers-with-priority', '9113 §6.2', get(1, '/', { priority: { on: 0, weight: 256 } }), hello),
  row(
    'headers-padded-with-priority',
    '9113 §6.2',
    get(1, '/', { pad: 3, priority: { on: 3, exclusive: true } }),
    hello,
  ),
  row('headers-of-16384', '9113 §4.2', headers(1, exactBlock(FRAME)), hello),
  row('continuation-one', '9113 §6.10', split(1, 2), hello),
  row('continuation-several', '9113 §6.10', split(1, 5), hello),
  row(
    'continuation-empty',
    '9113 §6.10',
    [get(1, '/', { done: false }), continuation(1, Buffer.alloc(0))],
    hello,
  ),
  row(
    'headers-empty-then-continuation',
    '9113 §6.10',
    [headers(1, Buffer.alloc(0), { done: false }), continuation(1, requestBlock('GET', '/'))],
    hello,
  ),

  row('priority-weight-1', '9113 §6.3', [priority(1, { weight: 1 }), get(1)], hello),
  row('priority-weight-256', '9113 §6.3', [priority(1, { weight: 256 }), get(1)], hello),
  row('priority-dependency', '9113 §6.3', [priority(1, { on: 3 }), get(1)], hello),
  row('priority-exclusive', '9113 §6.3', [priority(1, { on: 3, exclusive: true }), get(1)], hello),
  row('priority-on-idle-then-a-lower-stream', '9113 §5.1.1', [priority(5), get(3)], answered(3)),
  row('priority-on-half-closed', '9113 §5.1', [get(1), priority(1), windowUpdate(1, 13)], hello, HELD),
  row('priority-on-closed', '9113 §5.1', [get(1), ended(), priority(1), get(3)], answered(3)),

  row('rst-stream', '9113 §6.4', [post(1), rst(1, CANCEL), get(3)], answered(3)),
  row(
    'rst-stream-on-half-closed',
    '9113 §5.1',
    [get(1), rst(1, CANCEL), get(3), windowUpdate(3, 13)],
    answered(3),
    HELD,
  ),
  row('rst-stream-on-closed', '9113 §5.1', [get(1), ended(), rst(1, CANCEL), get(3)], answered(3)),
  row('window-update-on-half-closed', '9113 §5.1', [get(1), windowUpdate(1, 13)], hello, HELD),
  row('window-update-on-closed', '9113 §5.1', [get(1), ended(), windowUpdate(1, 1), get(3)], answered(3)),
  row('window-update-on-connection', '9113 §6.9', [windowUpdate(0, 1), get(1)], hello),
  row('window-update-on-stream', '9113 §6.9', [post(1), windowUpdate(1, 1), data(1, 'hello')], echoed, ECHO),

  row(
    'settings-acknowledged',
    '9113 §6.5.3',
    [settings([MAX_CONCURRENT_STREAMS, 100]), { await: (wire) => acks(wire) === 2 }],
    quiet((wire) => (acks(wire) === 2 ? null : `${acks(wire)} acknowledgements`)),
  ),
  row('settings-empty', '9113 §6.5', [settings(), get(1)], hello),
  row(
    'ping',
    '9113 §6.7',
    [ping('12345678'), { await: (wire) => wire.ponged('12345678') }],
    quiet((wire) => (wire.ponged('12345678') ? null : 'no answer')),
  ),
  row(
    'ping-of-odd-octets',
    '9113 §6.7',
    [ping('\0\xff\x80\r\n\x01 a'), { await: (wire) => wire.ponged('\0\xff\x80\r\n\x01 a') }],
    quiet((wire) => (wire.ponged('\0\xff\x80\r\n\x01 a') ? null : 'no answer')),
  ),
  row(
    'goaway-lets-open-streams-finish',
    '9113 §6.8',
    [get(1), headed(), goAway(0, NO_ERROR), windowUpdate(1, 13), ended()],
    quiet(
      (wire) => {
        return wire.view(1).body.toString('latin1') === HELLO ? null : 'the response did not finish'
      },
      (wire) => wire.view(1).ended || wire.closed,
    ),
    HELD,
  ),

  row(
    'streams-in-any-step',
    '9113 §5.1.1',
    [get(7), get(9), get(101)],
    answered(101, {
      check: (wire) => ([7, 9].every((id) => wire.view(id).status === 200) ? null : 'not all answered'),
    }),
  ),
  row(
    'interleaved-bodies',
    '9113 §5',
    [
      post(1),
      post(3),
      data(1, 'he', { end: false }),
      data(3, 'wor', { end: false }),
      data(1, 'llo'),
      data(3, 'ld'),
      ended(3),
    ],
    answered(1, {
      body: 'hello',
      check: (wire) => (wire.view(3).body.toString('latin1') === 'world' ? null : 'stream 3'),
    }),
    ECHO,
  ),
  row(
    'a-connection-in-one-write',
    '9113 §3.4',
    Buffer.concat([1, 3, 5, 7].map((id) => get(id))),
    answered(7),
  ),
]

function acks(wire: { readonly frames: readonly { type: number; flags: number }[] }): number {
  return wire.frames.filter(({ type, flags }) => type === SETTINGS && (flags & ACK) !== 0).length
}

/** The block of a GET in so many frames. */
function split(stream: number, parts: number): Buffer {
  const whole = requestBlock('GET', '/')
  const size = Math.ceil(whole.length / parts)
  const pieces = Array.from({ length: parts }, (_, index) => whole.subarray(index * size, (index + 1) * size))
  return Buffer.concat(
    pieces.map((piece, index) => {
      return index === 0
        ? headers(stream, piece, { done: false })
        : continuation(stream, piece, index === parts - 1)
    }),
  )
}

/** The block of a GET that is so many bytes long. */
function exactBlock(size: number): Buffer {
  const without = requestBlock('GET', '/', ['x-long', 'a'.repeat(10_000)]).length
  return requestBlock('GET', '/', ['x-long', 'a'.repeat(10_000 + size - without)])
}
