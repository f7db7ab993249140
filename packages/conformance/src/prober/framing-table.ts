// Where lines end and messages begin: RFC 9112 §2.2 and §5.2.
import { get, HOST } from './requests.ts'
import { rowsOf, type Row } from './row.ts'

const { refused, refused400, answered, either } = rowsOf('framing')

// Every byte once, in an order that no part of HTTP begins with.
const NOISE = Uint8Array.from({ length: 256 }, (_, index) => (index * 167 + 131) & 0xff)
const TLS_HELLO =
  '\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03' + 'R'.repeat(32) + '\x00\x00\x02\x13\x01\x01\x00\x00\x00'

export const FRAMING_ROWS: readonly Row[] = [
  either('bare-lf-after-request-line', '9112 §2.2', `GET / HTTP/1.1\n${HOST}\r\n`),
  either('bare-lf-after-header', '9112 §2.2', 'GET / HTTP/1.1\r\nHost: localhost\n\r\n'),
  either('bare-lf-between-headers', '9112 §2.2', `GET / HTTP/1.1\r\n${HOST}X-A: 1\nX-B: 2\r\n\r\n`),
  either('bare-lf-ends-head', '9112 §2.2', `GET / HTTP/1.1\r\n${HOST}\n`),
  either('bare-lf-everywhere', '9112 §2.2', 'GET / HTTP/1.1\nHost: localhost\n\n'),
  either('bare-lf-before-request', '9112 §2.2', `\n${get()}`),
  refused400('bare-cr-after-request-line', '9112 §2.2', `GET / HTTP/1.1\r${HOST}\r\n`),
  refused('bare-cr-in-value', '9112 §2.2', get('/', 'X-A: a\rb\r\n')),
  refused('bare-cr-between-headers', '9112 §2.2', get('/', 'X-A: a\rX-B: b\r\n')),
  refused('bare-cr-ends-value', '9112 §2.2', get('/', 'X-A: a\r\r\n')),
  refused('bare-cr-in-name', '9112 §2.2', get('/', 'X-\rA: a\r\n')),
  refused('bare-cr-in-target', '9112 §2.2', get('/a\rb')),
  refused('bare-cr-before-header', '9112 §2.2', `GET / HTTP/1.1\r\n${HOST}\rX-A: a\r\n\r\n`),
  refused('cr-x-does-not-end-the-head', '9112 §2.2', `GET / HTTP/1.1\r\n${HOST}\rX`),
  refused('cr-x-ends-no-line', '9112 §2.2', `GET / HTTP/1.1\r\n${HOST}X-A: a\rX\r\n\r\n`),
  refused('head-ended-by-cr-cr', '9112 §2.2', `GET / HTTP/1.1\r\n${HOST}\r\r`),
  refused('lf-cr-line-ends', '9112 §2.2', 'GET / HTTP/1.1\n\rHost: localhost\n\r\n\r'),
  refused400('obs-fold-space', '9112 §5.2', get('/', 'X-A: a\r\n b\r\n')),
  refused400('obs-fold-tab', '9112 §5.2', get('/', 'X-A: a\r\n\tb\r\n')),
  refused400('obs-fold-empty', '9112 §5.2', get('/', 'X-A: a\r\n \r\n')),
  refused400('obs-fold-in-host', '9112 §5.2', 'GET / HTTP/1.1\r\nHost:\r\n localhost\r\n\r\n'),
  refused('space-before-first-header', '9112 §2.2', `GET / HTTP/1.1\r\n ${HOST}\r\n`),
  refused('tab-before-first-header', '9112 §2.2', `GET / HTTP/1.1\r\n\t${HOST}\r\n`),
  refused('space-line-after-request-line', '9112 §2.2', `GET / HTTP/1.1\r\n \r\n${HOST}\r\n`),
  refused('space-line-ends-head', '9112 §2.2', `GET / HTTP/1.1\r\n${HOST} \r\n\r\n`),
  refused('space-line-before-request', '9112 §2.2', ` \r\n${get()}`),
  refused('space-before-method', '9112 §3', ` ${get()}`),
  answered('one-crlf-before-request', '9112 §2.2', `\r\n${get()}`),
  either('four-crlf-before-request', '9112 §2.2', `${'\r\n'.repeat(4)}${get()}`, { ours: 'A' }),
  either('five-crlf-before-request', '9112 §2.2', `${'\r\n'.repeat(5)}${get()}`),
  either('thousand-crlf-before-request', '9112 §2.2', `${'\r\n'.repeat(1_000)}${get()}`),
  refused('cr-before-request', '9112 §2.2', `\r${get()}`),
  refused('all-256-bytes', '9112 §2.2', NOISE, { silent: true }),
  refused('nul-first', '9112 §2.2', `\0${get()}`),
  refused('tls-hello', '9112 §2.2', TLS_HELLO, { silent: true }),
  refused('response-instead-of-request', '9112 §2.1', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', {
    statuses: [400, 505],
  }),
  refused('http2-preface', '9113 §3.4', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', {
    statuses: [],
    silent: true,
  }),
  answered('octets-of-values-are-kept', '9112 §2.2', get('/inspect', 'X-A: a\xe9\xff b\r\n'), {
    need: 'inspect',
  }),
]
