// The request line: RFC 9112 §2.3 and §3.
import { get, HOST } from './requests.ts'
import { answer, inspected, rowsOf, type Row } from './row.ts'

const { refused, answered, either } = rowsOf('request-line')

function line(text: string): string {
  return `${text}\r\n${HOST}\r\n`
}

const FOUND_OR_NOT = { answers: [answer({ statuses: [200, 404] })] }
const LONG_PATH = `/${'a'.repeat(7_899)}`
const REQUIRED = '9112 §3 (8000 octets of request line)'

export const REQUEST_LINE_ROWS: readonly Row[] = [
  either('two-spaces-after-method', '9112 §3', line('GET  / HTTP/1.1')),
  either('two-spaces-before-version', '9112 §3', line('GET /  HTTP/1.1')),
  either('tab-after-method', '9112 §3', line('GET\t/ HTTP/1.1')),
  either('tab-before-version', '9112 §3', line('GET /\tHTTP/1.1')),
  either('vertical-tab-as-separator', '9112 §3', line('GET\x0b/\x0bHTTP/1.1')),
  either('form-feed-as-separator', '9112 §3', line('GET /\x0cHTTP/1.1')),
  either('space-after-version', '9112 §3', line('GET / HTTP/1.1 ')),
  refused('no-target', '9112 §3', line('GET HTTP/1.1')),
  refused('empty-target', '9112 §3', line('GET  HTTP/1.1')),
  refused('space-in-target', '9112 §3.2', line('GET /a b HTTP/1.1')),
  refused('only-a-method', '9112 §3', line('GET')),
  refused('no-version', '9112 §3', line('GET /'), { statuses: [400, 505] }),
  either('no-version-alone', '9112 §3', 'GET /\r\n', { statuses: [400, 505] }),
  refused('four-parts', '9112 §3', line('GET / HTTP/1.1 HTTP/1.1')),
  refused('empty-method', '9112 §3.1', line('/ HTTP/1.1')),

  refused('version-9.9', '9110 §15.6.6', line('GET / HTTP/9.9'), { statuses: [505] }),
  refused('version-2.0', '9110 §15.6.6', line('GET / HTTP/2.0'), { statuses: [505] }),
  refused('version-3.0', '9110 §15.6.6', line('GET / HTTP/3.0'), { statuses: [505] }),
  refused('version-0.9', '9110 §15.6.6', line('GET / HTTP/0.9'), { statuses: [505] }),
  refused('version-without-minor', '9112 §2.3', line('GET / HTTP/1')),
  refused('version-with-dot-only', '9112 §2.3', line('GET / HTTP/1.')),
  refused('version-leading-zeros', '9112 §2.3', line('GET / HTTP/01.01')),
  refused('version-two-digit-minor', '9112 §2.3', line('GET / HTTP/1.10')),
  refused('version-inner-space', '9112 §2.3', line('GET / HTTP/ 1.1')),
  refused('version-comma', '9112 §2.3', line('GET / HTTP/1,1')),
  refused('version-letter', '9112 §2.3', line('GET / HTTP/1.x')),
  refused('version-lower-case', '9112 §2.3', line('GET / http/1.1')),
  refused('version-mixed-case', '9112 §2.3', line('GET / Http/1.1')),
  refused('version-other-name', '9112 §2.3', line('GET / HTTPS/1.1')),
  refused('version-rtsp', '9112 §2.3', line('GET / RTSP/1.0')),
  refused('version-trailing-byte', '9112 §2.3', line('GET / HTTP/1.1x')),
  either('version-1.2-is-handled-as-1.1', '9112 §2.3', line('GET / HTTP/1.2'), { ours: 'A' }),
  either('version-1.9-is-handled-as-1.1', '9112 §2.3', line('GET / HTTP/1.9'), { ours: 'A' }),

  refused('junk-before-method', '9112 §3', `\x01${get()}`),
  refused('method-with-slash', '9110 §9.1', line('GE/T / HTTP/1.1')),
  refused('method-with-colon', '9110 §9.1', line('GE:T / HTTP/1.1')),
  refused('method-with-nul', '9110 §9.1', line('GE\0T / HTTP/1.1')),
  refused('method-with-delete', '9110 §9.1', line('GE\x7fT / HTTP/1.1')),
  refused('method-non-ascii', '9110 §9.1', line('G\xc3\x89T / HTTP/1.1')),
  refused('method-bracket', '9110 §9.1', line('[GET] / HTTP/1.1')),
  refused('method-100-kb', '9112 §3', line(`${'A'.repeat(100_000)} / HTTP/1.1`), { statuses: [501] }),
  either('method-65-bytes', '9112 §3', line(`${'A'.repeat(65)} / HTTP/1.1`), { statuses: [501] }),
  either('method-lower-case-is-not-get', '9110 §9.1', line('get /inspect HTTP/1.1'), {
    ours: 'E',
    statuses: [400, 405, 501],
    unseen: false,
    need: 'inspect',
    answers: [inspected((seen) => (seen.method === 'get' ? null : `method ${seen.method}`))],
  }),
  either('method-unknown', '9110 §9.1', line('BREW / HTTP/1.1'), {
    ours: 'E',
    statuses: [400, 405, 501],
    unseen: false,
    answers: [answer({ statuses: [200, 405, 501] })],
  }),
  either('method-of-every-token-character', '9110 §5.6.2', line("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1"), {
    ours: 'E',
    statuses: [400, 405, 501],
    unseen: false,
    answers: [answer({ statuses: [200, 405, 501] })],
  }),

  refused('nul-in-target', '9112 §3.2', get('/a\0b')),
  refused('delete-in-target', '9112 §3.2', get('/a\x7fb')),
  refused('control-in-target', '9112 §3.2', get('/a\x1bb')),
  refused('utf8-in-target', '9112 §3.2', get('/caf\xc3\xa9')),
  refused('bad-utf8-in-target', '9112 §3.2', get('/\xc0\xaf')),
  refused('latin1-in-target', '9112 §3.2', get('/caf\xe9')),
  either('fragment-in-target', '9112 §3.2', get('/#top'), FOUND_OR_NOT),
  either('fragment-only', '9112 §3.2', get('#top')),
  either('backslash-in-target', '9112 §3.2', get('/a\\b'), FOUND_OR_NOT),
  either('backslash-first', '9112 §3.2', get('\\a')),
  either('angle-brackets-in-target', '9112 §3.2', get('/<a>'), FOUND_OR_NOT),
  refused('target-without-slash', '9112 §3.2', get('index.html')),
  refused('target-query-only', '9112 §3.2.1', get('?a=b')),
  either('browser-characters-in-target', '9112 §3.2', get('/inspect?a="{}|^`'), {
    ours: 'A',
    need: 'inspect',
  }),
  either('percent-nul-is-not-decoded', '9112 §3.2', get('/inspect?%00'), {
    ours: 'A',
    need: 'inspect',
    answers: [inspected((seen) => (seen.target === '/inspect?%00' ? null : `target ${seen.target}`))],
  }),
  either('percent-crlf-is-not-decoded', '9112 §3.2', get('/inspect?%0d%0aX-A:%20b'), {
    ours: 'A',
    need: 'inspect',
    answers: [
      inspected((seen) => (seen.target === '/inspect?%0d%0aX-A:%20b' ? null : `target ${seen.target}`)),
    ],
  }),
  answered('path-7900-bytes', REQUIRED, get(LONG_PATH), { answers: [answer({ statuses: [200, 404] })] }),
  either('path-32-kib', '9112 §3', get(`/${'a'.repeat(32_767)}`), {
    ours: 'A',
    answers: [answer({ statuses: [200, 404] })],
    statuses: [414, 431],
  }),
  either('path-32-kib-and-one', '9112 §3', get(`/${'a'.repeat(32_768)}`), { statuses: [414] }),
  refused('path-100-kb', '9112 §3', get(`/${'a'.repeat(100_000)}`), { statuses: [414] }),
  refused('path-100-kb-without-line-end', '9112 §3', `GET /${'a'.repeat(100_000)}`, { statuses: [414] }),

  answered('absolute-form', '9112 §3.2.2', get('http://localhost/')),
  answered('absolute-form-without-path', '9112 §3.2.2', get('http://localhost')),
  answered('absolute-form-with-port', '9112 §3.2.2', get('http://localhost:8080/')),
  answered('absolute-form-upper-case-scheme', '9110 §4.2.3', get('HTTP://localhost/')),
  either(
    'absolute-form-wins-over-host',
    '9112 §3.2.2',
    'GET http://example.org/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
    { ours: 'A' },
  ),
  refused('absolute-form-without-host-field', '9112 §3.2', 'GET http://localhost/ HTTP/1.1\r\n\r\n'),
  refused('absolute-form-without-authority', '9110 §4.2.1', get('http:///')),
  refused('absolute-form-empty-host', '9110 §4.2.1', get('http://:80/')),
  either('absolute-form-userinfo', '9110 §4.2.4', get('http://user:pass@localhost/')),
  refused('absolute-form-bad-port', '9110 §4.2.1', get('http://localhost:port/')),
  // By grammar the host is `http` and the path begins with two slashes.
  either('absolute-form-doubled', '9112 §3.2.2', get('http://http://localhost/'), {
    ours: 'E',
    unseen: false,
    ...FOUND_OR_NOT,
  }),
  either('path-that-begins-with-two-slashes', '9112 §3.2.1', get('//localhost/'), {
    ours: 'A',
    answers: [answer({ statuses: [200, 404] })],
  }),
  answered('asterisk-form-options', '9112 §3.2.4', line('OPTIONS * HTTP/1.1'), {
    answers: [answer({ statuses: [200, 204] })],
  }),
  refused('asterisk-form-get', '9112 §3.2.4', line('GET * HTTP/1.1')),
  refused('asterisk-form-post', '9112 §3.2.4', line('POST * HTTP/1.1')),
  refused('asterisk-with-more', '9112 §3.2.4', line('OPTIONS *x HTTP/1.1')),
  refused('authority-form-get', '9112 §3.2.3', line('GET localhost:80 HTTP/1.1')),
  refused('connect-origin-form', '9112 §3.2.3', line('CONNECT / HTTP/1.1')),
  refused('connect-absolute-form', '9112 §3.2.3', line('CONNECT http://localhost:80/ HTTP/1.1')),
  refused('connect-without-port', '9112 §3.2.3', line('CONNECT localhost HTTP/1.1')),
  refused('connect-empty-port', '9110 §9.3.6', line('CONNECT localhost: HTTP/1.1')),
  refused('connect-port-out-of-range', '9110 §9.3.6', line('CONNECT localhost:99999 HTTP/1.1')),
  refused('connect-userinfo', '9112 §3.2.3', line('CONNECT u@localhost:80 HTTP/1.1')),
]
