// Transfer-Encoding: RFC 9112 §6.1, §6.3 and §7. One final chunked, in HTTP/1.1, without Content-Length.
import { HELLO_CHUNKED, request } from './requests.ts'
import { answer, inspected, rowsOf, type Row, type RowOptions } from './row.ts'

const { refused, answered, either } = rowsOf('transfer-encoding')

const ECHO: RowOptions = { need: 'echo', answers: [answer({ body: 'hello' })] }
const CODING: RowOptions = { ...ECHO, statuses: [400, 501] }

function coded(...values: string[]): string {
  return request(
    'POST',
    '/echo',
    values.map((value) => `Transfer-Encoding:${value}\r\n`).join(''),
    HELLO_CHUNKED,
  )
}

function both(fields: string, path = '/echo'): string {
  return request('POST', path, fields, HELLO_CHUNKED)
}

// Not one final `chunked`: the length cannot be known, so 400 (RFC 9112 §6.3), or 501 for a coding that is not spoken (§6.1).
const NOT_CHUNKED: readonly (readonly [string, string])[] = [
  ['xchunked', ' xchunked'],
  ['chunkedx', ' chunkedx'],
  ['chunk', ' chunk'],
  ['gzip-only', ' gzip'],
  ['identity-only', ' identity'],
  ['unknown', ' rot13'],
  ['chunked-then-gzip', ' chunked, gzip'],
  ['chunked-then-identity', ' chunked, identity'],
  ['identity-then-chunked', ' identity, chunked'],
  ['comma-after', ' chunked,'],
  ['empty', ''],
  ['blank', ' \t '],
  ['parameter', ' chunked;p=v'],
  ['semicolon', ' chunked;'],
  ['semicolon-before', ' ;chunked'],
  ['double-quotes', ' "chunked"'],
  ['single-quotes', " 'chunked'"],
  ['vertical-tab-before', ' \x0bchunked'],
  ['vertical-tab-after', ' chunked\x0b'],
  ['form-feed-before', ' \x0cchunked'],
  ['form-feed-after', ' chunked\x0c'],
  ['nul-before', ' \0chunked'],
  ['nul-after', ' chunked\0'],
  ['inner-space', ' chun ked'],
  ['inner-nul', ' chun\0ked'],
  ['accented', ' chunk\xe9d'],
  ['kelvin-sign', ' chun\xe2\x84\xaaed'],
  ['colon', ' : chunked'],
  ['equals', ' =chunked'],
  ['backslash', ' \\chunked'],
  ['space-separated', ' chunked chunked'],
  ['tab-separated', ' gzip\tchunked'],
]

export const TRANSFER_ENCODING_ROWS: readonly Row[] = [
  ...NOT_CHUNKED.map(([name, value]) => refused(name, '9112 §6.3 (4)', coded(value), CODING)),
  refused('gzip-then-chunked', '9112 §6.1', coded(' gzip, chunked'), { ...ECHO, statuses: [501] }),
  refused('two-fields-gzip-chunked', '9112 §6.1', coded(' gzip', ' chunked'), { ...ECHO, statuses: [501] }),
  refused('two-fields-chunked-identity', '9112 §6.3 (4)', coded(' chunked', ' identity'), CODING),
  refused('two-fields-identity-chunked', '9112 §6.3 (4)', coded(' identity', ' chunked'), CODING),
  refused('two-fields-chunked-empty', '9112 §6.3 (4)', coded(' chunked', ''), CODING),
  refused('two-fields-xchunked-chunked', '9112 §6.3 (4)', coded(' xchunked', ' chunked'), CODING),
  refused(
    'space-before-colon',
    '9112 §5.1',
    request('POST', '/echo', 'Transfer-Encoding : chunked\r\n', HELLO_CHUNKED),
    ECHO,
  ),
  refused(
    'folded-value',
    '9112 §5.2',
    request('POST', '/echo', 'Transfer-Encoding:\r\n chunked\r\n', HELLO_CHUNKED),
    ECHO,
  ),
  refused(
    'folded-value-tab',
    '9112 §5.2',
    request('POST', '/echo', 'Transfer-Encoding: \r\n\tchunked\r\n', HELLO_CHUNKED),
    ECHO,
  ),
  refused(
    'folded-list',
    '9112 §5.2',
    request('POST', '/echo', 'Transfer-Encoding: chunked\r\n ,identity\r\n', HELLO_CHUNKED),
    ECHO,
  ),
  refused(
    'http-1.0',
    '9112 §6.1',
    `POST /echo HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${HELLO_CHUNKED}`,
    ECHO,
  ),
  refused(
    'http-1.0-keep-alive',
    '9112 §6.1',
    `POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${HELLO_CHUNKED}`,
    ECHO,
  ),
  refused('on-a-get', '9112 §6.3 (4)', request('GET', '/', 'Transfer-Encoding: gzip\r\n'), CODING),

  // Valid by grammar (names are case-insensitive, whitespace around a value is none of it); refusing them is allowed to the careful.
  either('upper-case', '9112 §7', coded(' Chunked'), {
    ...ECHO,
    ours: 'E',
    unseen: false,
    statuses: [400, 501],
  }),
  either('all-upper-case', '9112 §7', coded(' CHUNKED'), {
    ...ECHO,
    ours: 'E',
    unseen: false,
    statuses: [400, 501],
  }),
  either('trailing-space', '9112 §5.1', coded(' chunked '), { ...ECHO, ours: 'E', unseen: false }),
  either('tab-before', '9112 §5.1', coded('\tchunked'), { ...ECHO, ours: 'E', unseen: false }),
  either('trailing-tab', '9112 §5.1', coded(' chunked\t'), { ...ECHO, ours: 'E', unseen: false }),
  either('comma-before', '9110 §5.6.1', coded(' , chunked'), CODING),
  either('chunked-twice', '9112 §6.1', coded(' chunked, chunked'), ECHO),
  either('chunked-twice-in-two-fields', '9112 §6.1', coded(' chunked', ' chunked'), ECHO),

  either(
    'with-content-length',
    '9112 §6.3 (3)',
    both('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
    { ...ECHO, after: 'closed' },
  ),
  either(
    'before-content-length',
    '9112 §6.3 (3)',
    both('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n'),
    { ...ECHO, after: 'closed' },
  ),
  either(
    'with-right-content-length',
    '9112 §6.3 (3)',
    both(`Content-Length: ${HELLO_CHUNKED.length}\r\nTransfer-Encoding: chunked\r\n`),
    {
      ...ECHO,
      after: 'closed',
    },
  ),
  either(
    'with-content-length-zero',
    '9112 §6.3 (3)',
    both('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n'),
    { ...ECHO, after: 'closed' },
  ),
  refused(
    'identity-with-content-length',
    '9112 §6.3',
    request('POST', '/echo', 'Transfer-Encoding: identity\r\nContent-Length: 5\r\n', 'hello'),
    CODING,
  ),
  refused(
    'empty-with-content-length',
    '9112 §6.3',
    request('POST', '/echo', 'Transfer-Encoding:\r\nContent-Length: 5\r\n', 'hello'),
    CODING,
  ),
  refused(
    'bad-content-length-beside-it',
    '9112 §6.3 (5)',
    both('Content-Length: x\r\nTransfer-Encoding: chunked\r\n'),
    ECHO,
  ),
  either(
    'content-length-is-hidden-from-the-service',
    '9112 §6.3 (3)',
    both('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '/inspect'),
    {
      need: 'inspect',
      after: 'closed',
      answers: [
        inspected((seen) =>
          seen.headers.some(([name]) => name === 'content-length') ? 'content-length was passed on' : null,
        ),
      ],
    },
  ),

  either('chunked-three-times', '9112 §6.1', coded(' chunked, chunked, chunked'), ECHO),

  answered('plain', '9112 §7.1', coded(' chunked'), ECHO),
  answered('no-space', '9112 §5.1', coded('chunked'), ECHO),
  answered(
    'name-in-any-case',
    '9110 §5.1',
    request('POST', '/echo', 'tRaNsFeR-eNcOdInG: chunked\r\n', HELLO_CHUNKED),
    ECHO,
  ),
  answered(
    'underscore-is-another-field',
    '9110 §5.1',
    request('POST', '/echo', 'Transfer_Encoding: chunked\r\nContent-Length: 5\r\n', 'hello'),
    ECHO,
  ),
  answered(
    'content-encoding-is-another-field',
    '9110 §8.4',
    request('POST', '/echo', 'Content-Encoding: chunked\r\nContent-Length: 5\r\n', 'hello'),
    ECHO,
  ),
  answered(
    'te-is-another-field',
    '9110 §10.1.4',
    request('POST', '/echo', 'TE: chunked\r\nConnection: TE\r\nContent-Length: 5\r\n', 'hello'),
    ECHO,
  ),
  answered(
    'on-a-get-with-content',
    '9112 §6.3',
    request('GET', '/', 'Transfer-Encoding: chunked\r\n', HELLO_CHUNKED),
    { after: 'open' },
  ),
]
