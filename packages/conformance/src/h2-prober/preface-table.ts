// The connection preface and the size of frames: RFC 9113 §3.4, §4.2.
import {
  ACK,
  data,
  filler,
  frame,
  FRAME,
  FRAME_SIZE_ERROR,
  headers,
  ping,
  PREFACE,
  PROTOCOL_ERROR,
  settings,
  SETTINGS,
  UNKNOWN,
} from './frames.ts'
import { get, HELLO, post, requestBlock } from './requests.ts'
import { answered, connectionError, eitherError, rowsOf, type Row } from './row.ts'

const row = rowsOf('preface')
const size = rowsOf('frame-size')
const RAW = { raw: true, unseen: true } as const
const bad = connectionError(PROTOCOL_ERROR)
const OVER = FRAME + 1

export const PREFACE_ROWS: readonly Row[] = [
  row('invalid', '9113 §3.4', Buffer.from('INVALID CONNECTION PREFACE\r\n\r\n'), bad, RAW),
  row('breaks-at-its-end', '9113 §3.4', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r!'), bad, RAW),
  row('breaks-in-its-middle', '9113 §3.4', Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'), bad, RAW),
  row('lower-case', '9113 §3.4', Buffer.from('pri * http/2.0\r\n\r\nsm\r\n\r\n'), bad, RAW),
  row('zeros', '9113 §3.4', Buffer.alloc(64), bad, RAW),
  row('without-settings', '9113 §3.4', [PREFACE, get(1)], bad, RAW),
  row('ping-before-settings', '9113 §3.4', [PREFACE, ping()], bad, RAW),
  row('unknown-frame-before-settings', '9113 §3.4', [PREFACE, frame(UNKNOWN, 0, 0, 'x')], bad, RAW),
  row('acknowledgement-before-settings', '9113 §3.4', [PREFACE, frame(SETTINGS, ACK, 0)], bad, RAW),
  row(
    'byte-by-byte',
    '9113 §3.4',
    [
      ...Array.from(Buffer.concat([PREFACE, settings(), get(1)]), (byte) => [
        Buffer.of(byte),
        { pause: 0 },
      ]).flat(),
    ],
    answered(1, { body: HELLO }),
    { raw: true },
  ),
  row(
    'request-in-the-same-packet',
    '9113 §3.4',
    Buffer.concat([PREFACE, settings(), get(1)]),
    answered(1, { body: HELLO }),
    { raw: true },
  ),

  size('data-over', '9113 §4.2', [post(1, '/'), data(1, filler(OVER))], eitherError(1, FRAME_SIZE_ERROR)),
  size(
    'headers-over',
    '9113 §4.2',
    headers(1, requestBlock('GET', '/', ['x-long', 'a'.repeat(OVER)])),
    connectionError(FRAME_SIZE_ERROR),
    { unseen: true },
  ),
  size(
    'settings-over',
    '9113 §4.2',
    settings(...Array.from({ length: 2_731 }, (): [number, number] => [0xff, 0])),
    connectionError(FRAME_SIZE_ERROR),
  ),
  size('unknown-over', '9113 §4.2', frame(UNKNOWN, 0, 0, filler(OVER)), connectionError(FRAME_SIZE_ERROR)),
  size(
    'largest-length',
    '9113 §4.2',
    Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]),
    connectionError(FRAME_SIZE_ERROR, PROTOCOL_ERROR),
  ),
]
