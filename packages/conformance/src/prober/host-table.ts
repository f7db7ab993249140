// Host: RFC 9112 §3.2, RFC 9110 §7.2. Exactly one, and valid.
import { rowsOf, type Row } from './row.ts'

const { refused, refused400, answered, either } = rowsOf('host')

function withHost(...values: string[]): string {
  return `GET / HTTP/1.1\r\n${values.map((value) => `Host: ${value}\r\n`).join('')}\r\n`
}

function http10(...values: string[]): string {
  return `GET / HTTP/1.0\r\n${values.map((value) => `Host: ${value}\r\n`).join('')}\r\n`
}

export const HOST_ROWS: readonly Row[] = [
  refused400('none', '9112 §3.2', 'GET / HTTP/1.1\r\n\r\n'),
  refused400('none-but-other-fields', '9112 §3.2', 'GET / HTTP/1.1\r\nX-A: a\r\n\r\n'),
  refused400('two-different', '9112 §3.2', withHost('localhost', 'example.org')),
  refused400('two-the-same', '9112 §3.2', withHost('localhost', 'localhost')),
  refused400(
    'two-in-different-case',
    '9112 §3.2',
    'GET / HTTP/1.1\r\nHost: localhost\r\nhOST: localhost\r\n\r\n',
  ),
  refused400('two-one-empty', '9112 §3.2', withHost('localhost', '')),
  refused400('three', '9112 §3.2', withHost('a', 'b', 'c')),
  refused('empty', '9110 §7.2', withHost('')),
  refused('blank', '9110 §7.2', 'GET / HTTP/1.1\r\nHost: \t \r\n\r\n'),
  refused('userinfo', '9110 §7.2', withHost('user@localhost')),
  refused('path', '9110 §7.2', withHost('localhost/path')),
  refused('query', '9110 §7.2', withHost('localhost?a')),
  refused('fragment', '9110 §7.2', withHost('localhost#a')),
  refused('scheme', '9110 §7.2', withHost('http://localhost')),
  refused('list', '9110 §7.2', withHost('a, b')),
  // A comma is a sub-delim, so this is one (odd) name by grammar.
  either('comma', '3986 §3.2.2', withHost('a,b'), { ours: 'E', unseen: false }),
  refused('inner-space', '9110 §7.2', withHost('local host')),
  refused('inner-tab', '9110 §7.2', withHost('local\thost')),
  refused('backslash', '9110 §7.2', withHost('local\\host')),
  refused('quotes', '9110 §7.2', withHost('"localhost"')),
  refused('non-ascii', '9110 §7.2', withHost('l\xf6calhost')),
  refused('utf8', '9110 §7.2', withHost('l\xc3\xb6calhost')),
  refused('port-letters', '9110 §7.2', withHost('localhost:http')),
  refused('port-sign', '9110 §7.2', withHost('localhost:+80')),
  refused('port-space', '9110 §7.2', withHost('localhost: 80')),
  refused('two-ports', '9110 §7.2', withHost('localhost:80:80')),
  refused('port-alone', '9110 §7.2', withHost(':80')),
  refused('bracket-open', '3986 §3.2.2', withHost('[::1')),
  refused('bracket-empty', '3986 §3.2.2', withHost('[]')),
  refused('bracket-name', '3986 §3.2.2', withHost('[localhost]')),
  refused('bracket-junk-after', '3986 §3.2.2', withHost('[::1]x')),
  refused('ipv6-without-brackets', '3986 §3.2.2', withHost('::1')),
  refused('bad-percent', '3986 §2.1', withHost('a%zz')),
  either('port-out-of-range', '9110 §7.2', withHost('localhost:99999'), { ours: 'E' }),
  either('port-empty', '9110 §7.2', withHost('localhost:'), { ours: 'E' }),
  either('percent-encoded', '3986 §3.2.2', withHost('%6cocalhost'), { ours: 'E' }),
  answered('port', '9110 §7.2', withHost('localhost:8080')),
  answered('ipv4', '9110 §7.2', withHost('127.0.0.1:80')),
  answered('ipv6', '9110 §7.2', withHost('[::1]:8080')),
  answered('ipv6-with-ipv4-tail', '9110 §7.2', withHost('[::ffff:127.0.0.1]')),
  answered('underscore', '3986 §3.2.2', withHost('a_b.internal')),
  answered('upper-case', '9110 §4.2.3', withHost('LOCALHOST')),
  answered('punycode', '9110 §7.2', withHost('xn--bcher-kva.example')),
  answered('trailing-dot', '3986 §3.2.2', withHost('localhost.')),
  answered('not-the-first-field', '9110 §7.2', 'GET / HTTP/1.1\r\nX-A: a\r\nHost: localhost\r\n\r\n'),
  answered('name-in-any-case', '9110 §5.1', 'GET / HTTP/1.1\r\nhOsT: localhost\r\n\r\n'),
  either('http-1.0-none', '9112 §3.2', 'GET / HTTP/1.0\r\n\r\n', { ours: 'A' }),
  answered('http-1.0-one', '9112 §3.2', http10('localhost')),
  refused400('http-1.0-two', '9112 §3.2', http10('localhost', 'localhost')),
  refused('http-1.0-invalid', '9112 §3.2', http10('user@localhost')),
]
