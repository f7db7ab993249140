// Messages, GOAWAY and resets, seen from a client: RFC 9113 §6.4, §6.8, §8.
import {
  data,
  goAway,
  headers,
  NO_ERROR,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  rst,
  CANCEL,
  ENHANCE_YOUR_CALM,
} from '../h2-prober/frames.ts'
import { block, type Field } from '../h2-prober/hpack.ts'
import { quiet, streamError } from '../h2-prober/row.ts'
import type { Wire } from '../h2-prober/wire.ts'
import { clientProbesOf, type H2ClientProbe, type OutcomeRule } from './probe.ts'

const probe = clientProbesOf('message')
const ending = clientProbesOf('ending')
const well = quiet(() => null)
const bad = streamError(1, PROTOCOL_ERROR)
const ERROR: OutcomeRule = { kind: 'error' }
const HELLO: OutcomeRule = {
  kind: 'answer',
  check: ({ status, body }) =>
    status === 200 && body === 'hello' ? null : `${status} ${JSON.stringify(body)}`,
}
const STATUS: Field = [':status', '200']

function head(...fields: readonly Field[]): Buffer {
  return headers(1, block(...fields), { end: false })
}

/** A head of exactly these fields, and a body: malformed. */
function malformed(name: string, rfc: string, ...fields: readonly Field[]): H2ClientProbe {
  return probe(name, `9113 ${rfc}`, [head(...fields), { pause: 10 }, data(1, 'hello')], null, ERROR)
}

function coded(code: string): OutcomeRule {
  return { kind: 'error', check: ({ error }) => (error?.includes(code) === true ? null : `error ${error}`) }
}

export const MESSAGE_PROBES: readonly H2ClientProbe[] = [
  probe('plain', '9113 §8.1', [head(STATUS), data(1, 'hello')], well, HELLO),
  probe(
    'interim-then-final',
    '9113 §8.1',
    [head([':status', '103'], ['link', '</a>']), head([':status', '100']), head(STATUS), data(1, 'hello')],
    well,
    {
      kind: 'answer',
      check: ({ informational }) =>
        informational.join() === '103,100' || informational.join() === '103'
          ? null
          : `informational ${informational.join()}`,
    },
  ),
  probe(
    'trailers',
    '9113 §8.1',
    [head(STATUS), data(1, 'hello', { end: false }), headers(1, block(['x-t', 'v']))],
    well,
    {
      kind: 'answer',
      check: ({ trailers }) =>
        JSON.stringify(trailers) === '[["x-t","v"]]' ? null : JSON.stringify(trailers),
    },
  ),
  probe(
    'content-length-of-head-only',
    '9113 §8.1.1',
    headers(1, block(STATUS, ['content-length', '5'])),
    well,
    { kind: 'answer', check: ({ body }) => (body === '' ? null : 'a body') },
    { request: { method: 'HEAD' } },
  ),
  probe(
    'not-modified-with-content-length',
    '9110 §15.4.5',
    headers(1, block([':status', '304'], ['content-length', '5'])),
    well,
    { kind: 'answer', check: ({ status }) => (status === 304 ? null : `${status}`) },
  ),

  malformed('status-missing', '§8.3.2', ['x-a', 'v']),
  malformed('status-twice', '§8.3.2', STATUS, STATUS),
  malformed('status-empty', '§8.3.2', [':status', '']),
  malformed('status-of-two-digits', '§8.3.2', [':status', '20']),
  malformed('status-of-letters', '§8.3.2', [':status', '2x0']),
  malformed('status-101', '§8.6', [':status', '101']),
  malformed('status-after-regular', '§8.3', ['x-a', 'v'], STATUS),
  malformed('request-pseudo-header', '§8.3', STATUS, [':path', '/']),
  malformed('unknown-pseudo-header', '§8.3', STATUS, [':test', 'v']),
  malformed('upper-case-name', '§8.2.1', STATUS, ['X-A', 'v']),
  malformed('empty-name', '§8.2.1', STATUS, ['', 'v']),
  malformed('value-with-nul', '§8.2.1', STATUS, ['x-a', 'a\0b']),
  malformed('value-with-crlf', '§8.2.1', STATUS, ['x-a', 'a\r\nb: c']),
  malformed('value-begins-with-space', '§8.2.1', STATUS, ['x-a', ' v']),
  malformed('connection', '§8.2.2', STATUS, ['connection', 'close']),
  malformed('transfer-encoding', '§8.2.2', STATUS, ['transfer-encoding', 'chunked']),
  malformed('keep-alive', '§8.2.2', STATUS, ['keep-alive', 'timeout=5']),
  malformed('content-length-less', '§8.1.1', STATUS, ['content-length', '4']),
  malformed('content-length-more', '§8.1.1', STATUS, ['content-length', '6']),
  malformed(
    'content-length-twice-different',
    '§8.1.1',
    STATUS,
    ['content-length', '5'],
    ['content-length', '6'],
  ),
  malformed('content-length-sign', '§8.1.1', STATUS, ['content-length', '+5']),
  probe('malformed-is-reset', '9113 §8.1.1', head(['x-a', 'v']), bad, ERROR),
  probe('data-before-the-head', '9113 §8.1', data(1, 'hello'), bad, ERROR),
  probe('interim-with-end', '9113 §8.1', headers(1, block([':status', '103'])), bad, ERROR),
  probe(
    'data-after-an-interim-response',
    '9113 §8.1',
    [head([':status', '100']), data(1, 'hello')],
    bad,
    ERROR,
  ),
  probe(
    'pseudo-header-in-trailers',
    '9113 §8.1',
    [head(STATUS), data(1, 'hello', { end: false }), headers(1, block([':status', '200']))],
    bad,
    ERROR,
  ),
  probe(
    'trailers-without-end',
    '9113 §8.1',
    [head(STATUS), data(1, 'hello', { end: false }), headers(1, block(['x-t', 'v']), { end: false })],
    bad,
    ERROR,
  ),
  probe('second-final-head', '9113 §8.1', [head(STATUS), head(STATUS)], bad, ERROR),
]

export const ENDING_PROBES: readonly H2ClientProbe[] = [
  ending('reset-refused', '9113 §8.7', rst(1, REFUSED_STREAM), well, coded('REFUSED_STREAM')),
  ending(
    'reset-cancel-in-the-body',
    '9113 §6.4',
    [head(STATUS), data(1, 'hel', { end: false }), { pause: 10 }, rst(1, CANCEL)],
    well,
    coded('CANCEL'),
  ),
  ending('reset-calm', '9113 §6.4', rst(1, ENHANCE_YOUR_CALM), well, coded('ENHANCE_YOUR_CALM')),
  ending('reset-of-an-unknown-code', '9113 §7', rst(1, 0xfe), well, ERROR),
  ending(
    'answer-then-reset-without-error',
    '9113 §8.1',
    [head(STATUS), data(1, 'hello'), rst(1, NO_ERROR)],
    well,
    HELLO,
    { request: { method: 'POST', body: 'x'.repeat(200_000) } },
  ),
  ending(
    'reset-leaves-the-connection',
    '9113 §6.4',
    [rst(1, CANCEL), { pause: 50 }, { act: answerThree }],
    null,
    ERROR,
    { second: HELLO },
  ),
  ending(
    'goaway-above-lets-it-finish',
    '9113 §6.8',
    [goAway(1, NO_ERROR), { pause: 10 }, head(STATUS), data(1, 'hello')],
    null,
    HELLO,
  ),
  ending('goaway-below-ends-it', '9113 §6.8', goAway(0, NO_ERROR), null, coded('GOAWAY')),
  ending('goaway-with-error-below', '9113 §6.8', goAway(0, ENHANCE_YOUR_CALM, 'too_many_pings'), null, ERROR),
  ending(
    'goaway-of-an-unknown-code',
    '9113 §7',
    [goAway(1, 0xfe, 'what'), head(STATUS), data(1, 'hello')],
    null,
    { kind: 'any' },
  ),
  ending(
    'goaway-twice-lower',
    '9113 §6.8',
    [goAway(0x7fffffff, NO_ERROR), goAway(1, NO_ERROR), head(STATUS), data(1, 'hello')],
    null,
    HELLO,
  ),
  ending(
    'goaway-stops-new-streams',
    '9113 §6.8',
    [head(STATUS), goAway(1, NO_ERROR), { pause: 30 }],
    null,
    { kind: 'any' },
    { second: ERROR },
  ),
  ending('cut-before-the-head', '9113 §5.4.1', { act: cut }, null, ERROR),
  ending(
    'cut-in-the-body',
    '9113 §8.1',
    [head(STATUS), data(1, 'hel', { end: false }), { pause: 20 }, { act: cut }],
    null,
    ERROR,
  ),
  ending(
    'cut-after-the-answer',
    '9113 §8.1',
    [head(STATUS), data(1, 'hello'), { pause: 20 }, { act: cut }],
    null,
    HELLO,
  ),
]

function answerThree(wire: Wire): Promise<void> {
  void wire
    .until((w) => w.frames.some(({ stream }) => stream === 3), 2_000)
    .then(() => wire.send(Buffer.concat([headers(3, block(STATUS), { end: false }), data(3, 'hello')])))
  return Promise.resolve()
}

function cut(wire: Wire): Promise<void> {
  wire.socket.end()
  return Promise.resolve()
}
