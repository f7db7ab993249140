// The chunked coding: RFC 9112 §7.1. Faults are sent to `/inspect`, which reads all content before it answers, so that a 400 is
// still possible; the service has seen the head by then.
import { get, HELLO_CHUNKED, postChunked } from './requests.ts'
import { answer, inspected, rowsOf, type Answer, type Row, type RowOptions } from './row.ts'
import type { Step } from './wire.ts'

const { refused, answered, either, waits } = rowsOf('chunked')

const BODY_FAULT: RowOptions = { need: 'inspect', unseen: false, answers: [inspectedLength(5)] }

function inspectedLength(length: number): Answer {
  return inspected((seen) => (seen.bodyLength === length ? null : `content of ${seen.bodyLength} bytes`))
}

function fault(name: string, rfc: string, body: string, options: RowOptions = {}): Row {
  return refused(name, rfc, postChunked('/inspect', body), { ...BODY_FAULT, ...options })
}

function open(name: string, rfc: string, body: string, options: RowOptions = {}): Row {
  return either(name, rfc, postChunked('/inspect', body), { ...BODY_FAULT, ...options })
}

function good(name: string, rfc: string, body: string, content = 'hello'): Row {
  return answered(name, rfc, postChunked('/echo', body), {
    need: 'echo',
    answers: [answer({ body: content })],
    after: 'open',
  })
}

/** A body whose first size line is `line` (without its end). */
function sized(line: string): string {
  return `${line}\r\nhello\r\n0\r\n\r\n`
}

function trailers(lines: string): string {
  return `5\r\nhello\r\n0\r\n${lines}\r\n`
}

function withTrailers(...wanted: (readonly [string, string])[]): Answer {
  return inspected((seen) => {
    const got = JSON.stringify(seen.trailers ?? [])
    return got === JSON.stringify(wanted) ? null : `trailers ${got}`
  })
}

const BAD_SIZES: readonly (readonly [string, string])[] = [
  ['hex-prefix', '0x5'],
  ['hex-prefix-capital', '0X5'],
  ['plus', '+5'],
  ['minus', '-1'],
  ['minus-five', '-5'],
  ['underscore', '1_0'],
  ['leading-space', ' 5'],
  ['leading-tab', '\t5'],
  ['letter-g', 'g'],
  ['trailing-letter', '5h'],
  ['point', '5.0'],
  ['comma', '5,5'],
  ['quotes', '"5"'],
  ['empty', ''],
  ['two-numbers', '5 5'],
  ['nul-after', '5\0'],
  ['nul-before', '\x005'],
  ['vertical-tab', '5\x0b'],
  ['form-feed', '5\x0c'],
  ['high-byte', '5\xa0'],
  ['full-width-digit', '\xef\xbc\x95'],
  ['only-an-extension', ';a=b'],
  ['2-to-the-64', '10000000000000000'],
  ['2-to-the-64-and-five', '10000000000000005'],
  ['2-to-the-128-and-five', '100000000000000000000000000000005'],
]

const BAD_EXTENSIONS: readonly (readonly [string, string])[] = [
  ['without-name', '5;'],
  ['without-name-spaced', '5 ; '],
  ['bad-name', '5;bad[=x'],
  ['bad-value', '5;a=b[c'],
  ['nul', '5;a=b\0c'],
  ['nul-in-quotes', '5;a="b\0c"'],
  ['control', '5;a=b\x07'],
  ['bare-cr', '5;a=b\rc'],
  ['bare-cr-in-quotes', '5;a="b\rc"'],
  ['unbalanced-quote', '5;a="b'],
  ['semicolon-in-unbalanced-quote', '5;a="b;c=d'],
  ['unbalanced-quote-escape', '5;a="b\\"'],
  ['text-after-quotes', '5;a="b"c'],
  ['equals-first', '5;=b'],
]

const FORBIDDEN_TRAILERS = [
  'Content-Length: 100',
  'Transfer-Encoding: chunked',
  'Host: example.org',
  'Authorization: Basic YTpi',
  'Content-Type: a/b',
  'Connection: close',
  'Expect: 100-continue',
  'Trailer: x',
]

export const CHUNKED_ROWS: readonly Row[] = [
  good('single', '9112 §7.1', HELLO_CHUNKED),
  good('several', '9112 §7.1', '1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n'),
  good('empty', '9112 §7.1', '0\r\n\r\n', ''),
  good('lower-case-hex', '9112 §7.1', `a\r\n${'x'.repeat(10)}\r\n0\r\n\r\n`, 'x'.repeat(10)),
  good('upper-case-hex', '9112 §7.1', `A\r\n${'x'.repeat(10)}\r\n0\r\n\r\n`, 'x'.repeat(10)),
  good('two-digits', '9112 §7.1', `1F\r\n${'x'.repeat(31)}\r\n0\r\n\r\n`, 'x'.repeat(31)),
  good('leading-zeros', '9112 §7.1', sized('0005')),
  good('zeros-of-the-last-chunk', '9112 §7.1', '5\r\nhello\r\n000\r\n\r\n'),
  good('data-that-looks-like-an-end', '9112 §7.1', '7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n\r\n'),
  good('extension', '9112 §7.1.1', sized('5;a=b')),
  good('extension-without-value', '9112 §7.1.1', sized('5;a')),
  good('extension-quoted', '9112 §7.1.1', sized('5;a="q"')),
  good('extension-quoted-semicolon', '9112 §7.1.1', sized('5;a="q;r"')),
  good('extension-quoted-escape', '9112 §7.1.1', sized('5;a="q\\"r"')),
  good('extensions-several', '9112 §7.1.1', sized('5;a=b;c;d="e"')),
  good('extension-on-the-last-chunk', '9112 §7.1.1', '5\r\nhello\r\n0;a=b\r\n\r\n'),
  open('extension-after-space', '9112 §7.1.1', sized('5 ;a=b'), { ours: 'A' }),
  open('extension-after-tab', '9112 §7.1.1', sized('5\t;a=b'), { ours: 'A' }),
  open('extension-space-after-semicolon', '9112 §7.1.1', sized('5; a=b'), { ours: 'E' }),
  open('extension-space-around-equals', '9112 §7.1.1', sized('5;a = b'), { ours: 'E' }),
  open('extension-empty-value', '9112 §7.1.1', sized('5;a='), { ours: 'E' }),
  open('extension-obs-text', '9112 §7.1.1', sized('5;a="\xe9"'), { ours: 'E' }),

  ...BAD_SIZES.map(([name, line]) => {
    const statuses = name.startsWith('2-to') ? [400, 413] : [400]
    return fault(`size-${name}`, '9112 §7.1', sized(line), { statuses })
  }),
  open('size-2-to-the-53', '9112 §7.1', sized('20000000000000'), { statuses: [400, 413] }),
  open('size-2-to-the-64-less-one', '9112 §7.1', sized('ffffffffffffffff'), { statuses: [400, 413] }),
  fault('size-space-after', '9112 §7.1', sized('5 ')),
  fault('size-tab-after', '9112 §7.1', sized('5\t')),
  fault('last-chunk-space-after', '9112 §7.1', '5\r\nhello\r\n0 \r\n\r\n'),
  ...BAD_EXTENSIONS.map(([name, line]) => fault(`extension-${name}`, '9112 §7.1.1', sized(line))),
  fault('size-line-ended-by-cr', '9112 §7.1', '5\rhello\r\n0\r\n\r\n'),
  fault('size-line-ended-by-cr-x', '9112 §7.1', '5\rXhello\r\n0\r\n\r\n'),
  fault('data-without-crlf', '9112 §7.1', '5\r\nhello0\r\n\r\n'),
  fault('data-ended-by-two-other-bytes', '9112 §7.1', '5\r\nhelloXX0\r\n\r\n'),
  fault('data-ended-by-cr-x', '9112 §7.1', '5\r\nhello\rX0\r\n\r\n'),
  fault('data-ended-by-x-lf', '9112 §7.1', '5\r\nhelloX\n0\r\n\r\n'),
  fault('data-ended-by-cr', '9112 §7.1', '5\r\nhello\r0\r\n\r\n'),
  fault('data-longer-than-announced', '9112 §7.1', '5\r\nhello!\r\n0\r\n\r\n'),
  fault('data-shorter-than-announced', '9112 §7.1', '6\r\nhello\r\n0\r\n\r\n'),
  fault('crlf-before-the-first-size', '9112 §7.1', `\r\n${HELLO_CHUNKED}`),
  fault('two-crlf-after-data', '9112 §7.1', '5\r\nhello\r\n\r\n0\r\n\r\n'),
  fault('not-chunked-at-all', '9112 §7.1', 'hello'),
  open('bare-lf-after-size', '9112 §7.1', '5\nhello\r\n0\r\n\r\n'),
  open('bare-lf-after-extension', '9112 §7.1.1', '5;a=b\nhello\r\n0\r\n\r\n'),
  open('bare-lf-in-quoted-extension', '9112 §7.1.1', '5;a="b\n"\r\nhello\r\n0\r\n\r\n'),
  open('bare-lf-after-data', '9112 §7.1', '5\r\nhello\n0\r\n\r\n'),
  open('bare-lf-after-last-size', '9112 §7.1', '5\r\nhello\r\n0\n\r\n'),
  open('bare-lf-ends-trailers', '9112 §7.1.2', '5\r\nhello\r\n0\r\n\n'),
  open('bare-lf-after-trailer', '9112 §7.1.2', trailers('X-T: v\n')),
  open('bare-lf-everywhere', '9112 §7.1', '5\nhello\n0\n\n'),
  refused('end-inside-a-chunk', '9112 §8', [postChunked('/inspect', '5\r\nhel'), { end: true }], {
    ...BODY_FAULT,
    silent: true,
  }),
  refused(
    'end-before-the-last-chunk',
    '9112 §8',
    [postChunked('/inspect', '5\r\nhello\r\n'), { end: true }],
    { ...BODY_FAULT, silent: true },
  ),
  refused(
    'end-before-the-last-crlf',
    '9112 §8',
    [postChunked('/inspect', '5\r\nhello\r\n0\r\n'), { end: true }],
    { ...BODY_FAULT, silent: true },
  ),
  waits('missing-last-chunk', '9112 §7.1', postChunked('/inspect', '5\r\nhello\r\n'), '0\r\n\r\n', {
    need: 'inspect',
  }),

  answered('trailer', '9112 §7.1.2', postChunked('/inspect', trailers('X-T: v\r\n')), {
    need: 'inspect',
    answers: [withTrailers(['x-t', 'v'])],
  }),
  answered(
    'trailers-several',
    '9112 §7.1.2',
    postChunked('/inspect', trailers('X-T: 1\r\nX-U: 2\r\nX-T: 3\r\n')),
    {
      need: 'inspect',
      answers: [withTrailers(['x-t', '1'], ['x-u', '2'], ['x-t', '3'])],
    },
  ),
  answered('trailer-named-proto', '9112 §7.1.2', postChunked('/inspect', trailers('__proto__: v\r\n')), {
    need: 'inspect',
    answers: [withTrailers(['__proto__', 'v'])],
  }),
  fault('trailer-without-colon', '9112 §7.1.2', trailers('X-T\r\n')),
  fault('trailer-space-before-colon', '9112 §5.1', trailers('X-T : v\r\n')),
  fault('trailer-folded', '9112 §5.2', trailers('X-T: v\r\n w\r\n')),
  fault('trailer-empty-name', '9112 §7.1.2', trailers(': v\r\n')),
  fault('trailer-nul', '9112 §7.1.2', trailers('X-T: a\0b\r\n')),
  fault('trailer-bare-cr', '9112 §7.1.2', trailers('X-T: a\rb\r\n')),
  fault('trailer-line-of-space', '9112 §7.1.2', trailers(' \r\n')),
  fault('trailer-that-is-a-request-line', '9112 §7.1.2', trailers('GET / HTTP/1.1\r\n')),
  ...FORBIDDEN_TRAILERS.map((line) => forbidden(line)),
  severed(),
]

// Fields that frame, route or authorise have no effect in a trailer section (RFC 9110 §6.5.1): ignored, or the message refused.
function forbidden(line: string): Row {
  const name = line.slice(0, line.indexOf(':')).toLowerCase()
  const clean = inspected((seen) => {
    const inHead = seen.headers.filter(([key, value]) => key === name && line.endsWith(` ${value}`))
    const framing = name === 'transfer-encoding' ? inHead.slice(1) : inHead
    return framing.length === 0 ? null : `${name} moved into the head`
  })
  const send = postChunked('/inspect', trailers(`${line}\r\n`)) + get('/')
  return either(`trailer-forbidden-${name}`, '9110 §6.5.1', send, {
    ...BODY_FAULT,
    ours: 'E',
    answers: [clean, answer()],
    after: 'open',
  })
}

// The head of the answer is out when the fault comes: the answer must then end cut short, never look complete.
function severed(): Row {
  const send: Step[] = [postChunked('/echo', '5\r\nhello\r\n'), { begun: true }, 'zzz\r\nhello\r\n0\r\n\r\n']
  const cut = answer({ check: () => null })
  return refused('fault-after-the-answer-began-cuts-the-answer', '9112 §8', send, {
    need: 'echo',
    unseen: false,
    silent: true,
    cut: true,
    answers: [cut],
  })
}
