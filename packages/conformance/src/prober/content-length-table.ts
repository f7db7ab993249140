// Content-Length: RFC 9110 §8.6, RFC 9112 §6.2 and §6.3. Only 1*DIGIT, only once.
import { postLength, request } from './requests.ts'
import { answer, rowsOf, type Row, type RowOptions } from './row.ts'

const { refused, answered, either, waits } = rowsOf('content-length')

const ECHO: RowOptions = { need: 'echo', answers: [answer({ body: 'hello' })] }

function length(value: string, body = 'hello'): string {
  return postLength('/echo', body, value)
}

function lengths(...values: string[]): string {
  return request('POST', '/echo', values.map((value) => `Content-Length: ${value}\r\n`).join(''), 'hello')
}

const MALFORMED: readonly (readonly [string, string])[] = [
  ['plus', '+5'],
  ['minus', '-1'],
  ['minus-zero', '-0'],
  ['minus-five', '-5'],
  ['hex', '0x5'],
  ['octal', '0o5'],
  ['binary', '0b101'],
  ['underscore', '1_0'],
  ['inner-space', '1 0'],
  ['inner-tab', '1\t0'],
  ['letters', 'abc'],
  ['digits-then-letter', '5a'],
  ['letter-then-digits', 'a5'],
  ['empty', ''],
  ['blank', '   '],
  ['point', '5.0'],
  ['exponent', '5e0'],
  ['infinity', 'Infinity'],
  ['not-a-number', 'NaN'],
  ['double-quotes', '"5"'],
  ['single-quotes', "'5'"],
  ['parentheses', '(5)'],
  ['semicolon', '5;'],
  ['parameter', '5;a=b'],
  ['comma-after', '5,'],
  ['comma-before', ',5'],
  ['list-different', '5, 10'],
  ['list-different-tight', '5,10'],
  ['full-width-digit', '\xef\xbc\x95'],
  ['arabic-digit', '\xd9\xa5'],
  ['superscript-digit', '\xb2'],
  ['soft-hyphen', '5\xad'],
  ['nbsp', '\xa05'],
  ['2-to-the-64', '18446744073709551616'],
  ['2-to-the-64-and-five', '18446744073709551621'],
  ['twenty-nines', '99999999999999999999'],
  ['thousand-digits', '1'.repeat(1_000)],
]

export const CONTENT_LENGTH_ROWS: readonly Row[] = [
  ...MALFORMED.map(([name, value]) => {
    const statuses = /^[0-9]{16,}$/.test(value) ? [400, 413] : [400]
    return refused(name, '9112 §6.3 (5)', length(value), { ...ECHO, statuses })
  }),
  refused('two-different', '9112 §6.3 (5)', lengths('5', '10'), ECHO),
  refused('two-different-reversed', '9112 §6.3 (5)', lengths('10', '5'), ECHO),
  refused(
    'two-in-different-case',
    '9112 §6.3 (5)',
    request('POST', '/echo', 'content-length: 5\r\nCONTENT-LENGTH: 6\r\n', 'hello'),
    ECHO,
  ),
  refused('one-valid-one-empty', '9112 §6.3 (5)', lengths('5', ''), ECHO),
  refused('one-valid-one-bad', '9112 §6.3 (5)', lengths('5', 'x'), ECHO),
  refused('on-a-get', '9112 §6.3 (5)', request('GET', '/', 'Content-Length: x\r\n'), ECHO),
  refused(
    'http-1.0',
    '9112 §6.3 (5)',
    'POST /echo HTTP/1.0\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nhello',
    ECHO,
  ),
  either('2-to-the-53', '9112 §6.3', length('9007199254740992'), { ...ECHO, statuses: [400, 413] }),
  either('2-to-the-63', '9112 §6.3', length('9223372036854775808'), { ...ECHO, statuses: [400, 413] }),
  either('two-the-same', '9112 §6.3 (5)', lengths('5', '5'), ECHO),
  either('three-the-same', '9112 §6.3 (5)', lengths('5', '5', '5'), ECHO),
  either('list-of-two-the-same', '9112 §6.3 (5)', length('5, 5'), ECHO),
  either('list-of-three-the-same', '9112 §6.3 (5)', length('5,5,5'), ECHO),
  either('same-number-other-zeros', '9112 §6.3 (5)', lengths('5', '05'), ECHO),
  either('leading-zeros', '9110 §8.6', length('005'), { ...ECHO, ours: 'A' }),
  either('double-zero', '9110 §8.6', length('00', ''), {
    need: 'echo',
    answers: [answer({ body: '' })],
    ours: 'A',
  }),
  either('never-octal', '9110 §8.6', length('0200', 'a'.repeat(200)), {
    need: 'echo',
    answers: [answer({ body: 'a'.repeat(200) })],
    ours: 'A',
  }),
  answered('plain', '9110 §8.6', length('5'), ECHO),
  answered('zero', '9110 §8.6', length('0', ''), { need: 'echo', answers: [answer({ body: '' })] }),
  answered('spaces-around', '9112 §5.1', request('POST', '/echo', 'Content-Length:  5  \r\n', 'hello'), ECHO),
  answered('tabs-around', '9112 §5.1', request('POST', '/echo', 'Content-Length:\t5\t\r\n', 'hello'), ECHO),
  answered('no-space-before', '9112 §5.1', request('POST', '/echo', 'Content-Length:5\r\n', 'hello'), ECHO),
  answered('name-in-any-case', '9110 §5.1', request('POST', '/echo', 'cOnTeNt-LeNgTh: 5\r\n', 'hello'), ECHO),
  answered(
    'http-1.0-plain',
    '9112 §6.3',
    'POST /echo HTTP/1.0\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello',
    ECHO,
  ),
  answered('none-is-no-content', '9112 §6.3 (7)', request('POST', '/echo', ''), {
    need: 'echo',
    answers: [answer({ body: '' })],
  }),
  waits('fewer-bytes-than-announced', '9112 §6.3', postLength('/inspect', 'hel', '5'), 'lo', {
    need: 'inspect',
  }),
  waits('2-to-the-32-is-not-zero', '9112 §6.3', postLength('/inspect', 'hello', '4294967296'), null, {
    need: 'inspect',
  }),
  waits(
    '2-to-the-32-and-five-is-not-five',
    '9112 §6.3',
    postLength('/inspect', 'hello', '4294967301'),
    null,
    { need: 'inspect' },
  ),
  waits('2-to-the-53-less-one', '9112 §6.3', postLength('/inspect', 'hello', '9007199254740991'), null, {
    need: 'inspect',
  }),
  refused('end-before-the-announced-bytes', '9112 §8', [postLength('/inspect', 'hel', '5'), { end: true }], {
    need: 'inspect',
    silent: true,
    unseen: false,
  }),
]
