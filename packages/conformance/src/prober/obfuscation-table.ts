// The obfuscations of the public smuggling scanners, crossed with Transfer-Encoding and Content-Length. Generated, in order.
// Each is sent with a hidden request behind it: whoever reads the field otherwise than we do would find it there.
import { byteName, get, HELLO_CHUNKED, request } from './requests.ts'
import { answer, byteRows, rowsOf, type Row, type RowOptions } from './row.ts'

const { refused, either, answered } = rowsOf('obfuscation')

const HIDDEN = get('/hidden')
const TAB = 0x09
// Control bytes and everything from DEL up. CR and LF are among them: they end lines for the careless.
const ODD_BYTES = [...byteRows(0x01, 0x1f), ...byteRows(0x7f, 0xff)].filter((byte) => byte !== TAB)
const FIELD: RowOptions = { need: 'inspect' }
const CODING: RowOptions = { ...FIELD, statuses: [400, 501] }

function te(line: string): string {
  return request('POST', '/inspect', line, `${HELLO_CHUNKED}${HIDDEN}`)
}

function cl(line: string): string {
  return request('POST', '/inspect', line, `hello${HIDDEN}`)
}

const BYTES: readonly Row[] = ODD_BYTES.flatMap((byte) => {
  const odd = String.fromCharCode(byte)
  const name = byteName(byte)
  return [
    refused(`te-value-after-${name}`, '9112 §6.3 (4)', te(`Transfer-Encoding: ${odd}chunked\r\n`), CODING),
    refused(`te-value-before-${name}`, '9112 §6.3 (4)', te(`Transfer-Encoding: chunked${odd}\r\n`), CODING),
    refused(`te-name-after-${name}`, '9112 §5', te(`${odd}Transfer-Encoding: chunked\r\n`), FIELD),
    refused(`te-name-before-${name}`, '9112 §5.1', te(`Transfer-Encoding${odd}: chunked\r\n`), FIELD),
    refused(`cl-value-after-${name}`, '9112 §6.3 (5)', cl(`Content-Length: ${odd}5\r\n`), FIELD),
    refused(`cl-value-before-${name}`, '9112 §6.3 (5)', cl(`Content-Length: 5${odd}\r\n`), FIELD),
    refused(`cl-name-before-${name}`, '9112 §5.1', cl(`Content-Length${odd}: 5\r\n`), FIELD),
  ]
})

const TE_LINES: readonly (readonly [string, string])[] = [
  ['wrapped-after-colon', 'Transfer-Encoding:\r\n chunked\r\n'],
  ['wrapped-twice', 'Transfer-Encoding:\r\n \r\n chunked\r\n'],
  ['wrapped-by-tab', 'Transfer-Encoding:\r\n\tchunked\r\n'],
  ['wrapped-inside', 'Transfer-Encoding: chun\r\n ked\r\n'],
  ['wrapped-by-lf', 'Transfer-Encoding:\n chunked\r\n'],
  ['wrapped-name', 'Transfer-\r\n Encoding: chunked\r\n'],
  ['name-space-inside', 'Transfer Encoding: chunked\r\n'],
  ['name-space-before', ' Transfer-Encoding: chunked\r\n'],
  ['name-backslash', 'Transfer\\Encoding: chunked\r\n'],
  ['name-accented', 'Transf\xe9r-Encoding: chunked\r\n'],
  ['name-colon-doubled', 'Transfer-Encoding:: chunked\r\n'],
  ['no-colon', 'Transfer-Encoding chunked\r\n'],
  ['equals-for-colon', 'Transfer-Encoding= chunked\r\n'],
  ['double-quotes', 'Transfer-Encoding: "chunked"\r\n'],
  ['apostrophes', "Transfer-Encoding: 'chunked'\r\n"],
  ['after-comma', 'Transfer-Encoding: identity, chunked\r\n'],
  ['before-comma', 'Transfer-Encoding: chunked, identity\r\n'],
  ['accented-value', 'Transfer-Encoding: ch\xfcnked\r\n'],
  ['hidden-behind-lf', 'X-A: a\nTransfer-Encoding: chunked\r\n'],
  ['hidden-behind-cr', 'X-A: a\rTransfer-Encoding: chunked\r\n'],
  ['cr-first', '\rTransfer-Encoding: chunked\r\n'],
  ['lf-first', '\nTransfer-Encoding: chunked\r\n'],
  ['nul-first', '\0Transfer-Encoding: chunked\r\n'],
  ['after-another-name', 'Foo: bar\r\n\tTransfer-Encoding: chunked\r\n'],
  ['x-prefix-fold', 'X-A:\r\n Transfer-Encoding: chunked\r\n'],
  ['revdualchunk', 'Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n'],
  ['dualchunk', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n'],
  [
    'connection-close-between',
    'Transfer-Encoding: chunked\r\nConnection: keep-alive\r\nTransfer-Encoding: identity\r\n',
  ],
  ['spaces-inside', 'Transfer-Encoding: chunked chunked\r\n'],
  ['comma-after', 'Transfer-Encoding: chunked,\r\n'],
  ['spaced-comma-after', 'Transfer-Encoding: chunked , \r\n'],
  ['percent', 'Transfer-Encoding: %63hunked\r\n'],
]

const CL_LINES: readonly (readonly [string, string])[] = [
  ['comma', 'Content-Length: ,5\r\n'],
  ['plus', 'Content-Length: +5\r\n'],
  ['minus', 'Content-Length: -5\r\n'],
  ['point-zero', 'Content-Length: 5.0\r\n'],
  ['exponent', 'Content-Length: 5e0\r\n'],
  ['space-inside', 'Content-Length: 0 5\r\n'],
  ['quotes', 'Content-Length: "5"\r\n'],
  ['backslash', 'Content-Length: \\5\r\n'],
  ['wrapped', 'Content-Length:\r\n 5\r\n'],
  ['wrapped-inside', 'Content-Length: 0\r\n 5\r\n'],
  ['wrapped-by-lf', 'Content-Length: 0\n 5\r\n'],
  ['name-space-inside', 'Content Length: 5\r\n'],
  ['name-space-before', ' Content-Length: 5\r\n'],
  ['name-wrapped', 'Content-\r\n Length: 5\r\n'],
  ['no-colon', 'Content-Length 5\r\n'],
  ['colon-doubled', 'Content-Length:: 5\r\n'],
  ['hidden-behind-lf', 'X-A: a\nContent-Length: 5\r\n'],
  ['hidden-behind-cr', 'X-A: a\rContent-Length: 5\r\n'],
  ['second-is-zero', 'Content-Length: 5\r\nContent-Length: 0\r\n'],
  ['second-is-padded', 'Content-Length: 5\r\nContent-Length: 6 \r\n'],
  ['second-has-space-before-colon', 'Content-Length: 5\r\nContent-Length : 0\r\n'],
]

// Other fields that only look like framing. The content is then none, and what follows is a request that is meant to be answered.
const LOOKALIKES: readonly (readonly [string, string])[] = [
  ['transfer-underscore', 'Transfer_Encoding: chunked\r\n'],
  ['x-transfer-encoding', 'X-Transfer-Encoding: chunked\r\n'],
  ['transfer-encoding-x', 'Transfer-Encoding-X: chunked\r\n'],
  ['content-encoding', 'Content-Encoding: chunked\r\n'],
  ['content-underscore', 'Content_Length: 5\r\n'],
  ['x-content-length', 'X-Content-Length: 5\r\n'],
  ['value-names-the-field', 'X-A: Transfer-Encoding: chunked\r\n'],
]

export const OBFUSCATION_ROWS: readonly Row[] = [
  ...BYTES,
  ...TE_LINES.map(([name, line]) => refused(`te-${name}`, '9112 §6.1', te(line), CODING)),
  ...TE_LINES.map(([name, line]) => {
    return refused(
      `te-${name}-beside-cl`,
      '9112 §6.3 (3)',
      te(`Content-Length: ${HELLO_CHUNKED.length}\r\n${line}`),
      CODING,
    )
  }),
  ...CL_LINES.map(([name, line]) => refused(`cl-${name}`, '9112 §6.2', cl(line), FIELD)),
  ...LOOKALIKES.map(([name, line]) => {
    return answered(`lookalike-${name}`, '9110 §5.1', request('POST', '/', line) + get('/'), {
      answers: [answer(), answer()],
    })
  }),
  either(
    'te-value-after-tab',
    '9112 §5.1',
    request('POST', '/', 'Transfer-Encoding: \tchunked\r\n', HELLO_CHUNKED) + get('/'),
    {
      ours: 'E',
      unseen: false,
      atMost: true,
      answers: [answer(), answer()],
    },
  ),
  either(
    'te-value-before-tab',
    '9112 §5.1',
    request('POST', '/', 'Transfer-Encoding: chunked\t\r\n', HELLO_CHUNKED) + get('/'),
    {
      ours: 'E',
      unseen: false,
      atMost: true,
      answers: [answer(), answer()],
    },
  ),
]
