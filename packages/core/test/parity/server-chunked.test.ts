// Chunked bodies and trailers coming in, rows 48 to 62 (RFC 9112 §7.1). Every case through both machines.

import { byteByByte, toBytes, toText, whole } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import {
  CLOSED_EVENT,
  DATA_EVENT,
  END_EVENT,
  FAILED,
  HEAD_EVENT,
  ServerMachine,
  type H1Options,
} from '../../src/h1/index.ts'
import { get, OK, post, receive, refusal, serve, serveChunks } from '../h1/wire.ts'

const CODING = ['transfer-encoding: chunked']
const NEXT = 'GET / 1.1 | host: a'

/** What is told of a body: the same by a server and by a client, but for the status of a failure. */
function eventsOf(body: string, options: H1Options = {}, end: boolean = false): string[] {
  const [head, ...events] = serve(post(CODING, body), { options, end }).events
  expect(head).toBe('POST / 1.1 | host: a | transfer-encoding: chunked | body ?')
  const [, ...asClient] = receive(`HTTP/1.1 200 OK\r\n${CODING[0]}\r\n\r\n${body}`, { options, end }).events
  expect(asClient).toEqual(events.map((event) => event.replace(/^(failed \S+) \d+$/u, '$1 502')))
  return events
}

function expectBody(body: string, data: string, trailers: string = '', options: H1Options = {}): void {
  const events = data === '' ? [`end${trailers}`] : [`data ${data}`, `end${trailers}`]
  expect(eventsOf(body, options)).toEqual(events)
  // The connection goes on with what follows.
  expect(serve(post(CODING, body), { options, trailing: get() }).events.slice(1)).toEqual([...events, NEXT])
}

function expectBad(
  body: string,
  code: string = 'PARSE_CHUNK',
  status: number = 400,
  options: H1Options = {},
): void {
  const failure = [`failed ${code} ${status}`, 'closed']
  expect(eventsOf(body, options).slice(-2)).toEqual(failure)
  const { events, output } = serve(post(CODING, body), { options, trailing: get() })
  expect(events.slice(-2)).toEqual(failure)
  expect(events.filter((event) => event.includes(' / '))).toHaveLength(1)
  expect(output).toBe(refusal(status))
}

describe('chunked coding', () => {
  test('row 048: sizes are hex digits of either case, with leading zeros', () => {
    const ten = '0123456789'
    expectBody(`a\r\n${ten}\r\n0\r\n\r\n`, ten)
    expectBody(`A\r\n${ten}\r\n0\r\n\r\n`, ten)
    expectBody(`000a\r\n${ten}\r\n000\r\n\r\n`, ten)
    expectBody(`1F\r\n${ten}${ten}${ten}x\r\n0\r\n\r\n`, `${ten}${ten}${ten}x`)
    expectBody(`2\r\n\r\n\r\n2\r\n0\r\r\n0\r\n\r\n`, '\r\n0\r')
    expectBody('0\r\n\r\n', '')
    expectBody(`${'0'.repeat(16)}\r\n\r\n`, '')
    // Zeros without end are no number (RFC 9112 §7.1: a recipient guards against large numerals).
    expectBad(`${'0'.repeat(17)}\r\n\r\n`)
  })

  test('row 048: white space after a size is not accepted before the line end', () => {
    for (const size of ['1 ', '1\t', '1  ', ' 1', '\t1', '0 ']) expectBad(`${size}\r\na\r\n0\r\n\r\n`)
  })

  test('row 049: what is no size is refused', () => {
    const sizes = [
      '',
      'x',
      'g',
      '-1',
      '+1',
      '0x1',
      '1_0',
      '1.',
      '1 1',
      '1 invalid',
      '1\0',
      '\u00b2',
      '1,',
      '"1"',
      ';',
      ';a',
    ]
    for (const size of sizes) expectBad(`${size}\r\na\r\n0\r\n\r\n`)
    for (const line of ['1\n', '1\r', '1\rX', '1\r\r\n', '1;a\n', '1;a\rb', '1;a\r\r\n', '1;a\nb\r\n'])
      expectBad(`${line}a\r\n0\r\n\r\n`)
    for (const size of [
      '20000000000000',
      'fffffffffffffff',
      'ffffffffffffffff',
      '10000000000000000',
      'f0000000000000003',
    ]) {
      expectBad(`${size}\r\na\r\n`)
    }
    expect(eventsOf('1fffffffffffff\r\na')).toEqual(['data a'])
  })

  test('row 049: data ends with CRLF, exactly where its size says', () => {
    for (const end of ['\n', '\rX', 'X\r\n', '\r\r\n', '0\r\n']) expectBad(`1\r\na${end}0\r\n\r\n`)
    expectBad('2\r\na\r\n0\r\n\r\n')
    expectBad('1\r\na0\r\n\r\n')
    // Leniency about line ends is for heads, not for framing.
    for (const body of ['1\na\r\n0\r\n\r\n', '1\r\na\n0\r\n\r\n', '0\n\r\n'])
      expectBad(body, 'PARSE_CHUNK', 400, { allowBareLf: true })
  })

  test('row 050: extensions are passed over', () => {
    for (const extension of [
      ';a',
      ';a=b',
      '; a=b',
      ' ;a=b',
      '\t; a = b',
      ';a;b;c=d',
      ';a="q"',
      ';a=""',
      ';a="\\"q;\\\\"',
      ';a="\t\u00e9" ;b',
      ";!#$%&'*+-.^_`|~=~",
    ]) {
      expectBody(`1${extension}\r\nx\r\n0${extension}\r\n\r\n`, 'x')
    }
  })

  test('row 050: what is no extension is refused', () => {
    for (const extension of [
      ';',
      '; ',
      ';;',
      ';a;',
      ';a=',
      ';a= ',
      ';=b',
      ';a=b=c',
      ';a b',
      ';bad[=x',
      ';a=[',
      ';a="',
      ';a="q',
      ';a="q"x',
      ';a="\\',
      ';a="\0"',
      ';a="\x7f"',
      ';a="\n"',
      ';a="\r"',
      ';\0',
      ';a\0',
      ';\u00e9',
      ';a=\u00e9',
      ' a',
      ';a=b c',
    ]) {
      expectBad(`1${extension}\r\nx\r\n0\r\n\r\n`)
    }
  })

  test('row 050: extensions are bounded over the whole body', () => {
    // Counted is what follows the semicolon, in all chunks.
    const body = (bytes: number): string =>
      `1;${'a'.repeat(bytes - 100)}\r\nx\r\n1;${'b'.repeat(100)}\r\ny\r\n0\r\n\r\n`
    for (const maxChunkExtensionSize of [undefined, 101, 1000]) {
      const most = maxChunkExtensionSize ?? 16_384
      expectBody(body(most), 'xy', '', { maxChunkExtensionSize })
      expectBad(body(most + 1), 'CHUNK_EXTENSIONS_TOO_LARGE', 400, { maxChunkExtensionSize })
    }
    expectBody('1\r\nx\r\n0\r\n\r\n', 'x', '', { maxChunkExtensionSize: 0 })
    expectBad('1;a\r\nx\r\n0\r\n\r\n', 'CHUNK_EXTENSIONS_TOO_LARGE', 400, { maxChunkExtensionSize: 0 })
    expectBad(`1${' '.repeat(65)}`, 'CHUNK_EXTENSIONS_TOO_LARGE', 400, { maxChunkExtensionSize: 64 })
    // The next body has a budget of its own.
    const options = { maxChunkExtensionSize: 4 }
    const wire = post(CODING, '0;abcd\r\n\r\n')
    expect(serve(wire, { options, trailing: wire }).output).toBe(OK + OK)
  })

  test('row 051: a last chunk without its digit is refused', () => {
    expectBad('1\r\na\r\n\r\n\r\n')
    expectBad('\r\n\r\n')
  })

  test('row 052: an end inside a body is INCOMPLETE_MESSAGE, never an end of the body', () => {
    const body = '3;x=y\r\nabc\r\n0\r\nsum: 1\r\n\r\n'
    for (let cut = 0; cut < body.length; cut++) {
      const events = eventsOf(body.slice(0, cut), {}, true)
      expect(events.slice(-2)).toEqual(['failed INCOMPLETE_MESSAGE 0', 'closed'])
      expect(events.some((event) => event.startsWith('end'))).toBe(false)
    }
    expect(serve(post(['content-length: 5'], 'abc'), { end: true }).events.slice(1)).toEqual([
      'data abc',
      'failed INCOMPLETE_MESSAGE 0',
      'closed',
    ])
  })

  test('row 053: nothing depends on where the bytes are cut', () => {
    expectBody('8;a="b"\r\nabc\r\ndef\r\n1\r\nx\r\n0\r\na: 1\r\n\r\n', 'abc\r\ndefx', ' | a: 1')
    expect(serve(post(['content-length: 8'], 'abc\r\ndef'), { trailing: get() }).output).toBe(OK + OK)
    expect(receive('HTTP/1.1 200 OK\r\n\r\nabc\r\ndef', { end: true }).events.slice(1)).toEqual([
      'data abc\r\ndef',
      'end',
      'closed',
    ])
  })

  test('row 054: after the end of a body there is nothing more of it', () => {
    const machine = new ServerMachine()
    machine.receive(toBytes(post(CODING, '0\r\n\r\n')), 0)
    expect(machine.nextEvent()).toBe(HEAD_EVENT)
    expect(machine.nextEvent()).toBe(END_EVENT)
    for (let i = 0; i < 3; i++) expect([DATA_EVENT, END_EVENT, HEAD_EVENT]).not.toContain(machine.nextEvent())
    expect(machine.bodyRemaining).toBe(0)
  })

  test('row 055: a chunk that is there in one piece is one event, and no copy', () => {
    const machine = new ServerMachine()
    const bytes = toBytes(post(CODING, '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'))
    machine.receive(bytes, 0)
    const data: string[] = []
    for (let event: number = machine.nextEvent(); event !== END_EVENT; event = machine.nextEvent()) {
      if (event !== DATA_EVENT) continue
      data.push(toText(machine.data))
      expect(machine.data.buffer).toBe(bytes.buffer)
      expect(machine.gaveData).toBe(true)
    }
    expect(data).toEqual(['hello', ' world'])
  })

  test('row 055: 100,000 chunks of one byte pass', () => {
    const body = toBytes(post(CODING, `${'1\r\nx\r\n'.repeat(100_000)}0\r\n\r\n`))
    const machine = new ServerMachine()
    machine.receive(body, 0)
    let bytes = 0
    for (let event: number = machine.nextEvent(); event !== END_EVENT; event = machine.nextEvent()) {
      if (event === DATA_EVENT) bytes += machine.data.length
    }
    expect(bytes).toBe(100_000)
  })
})

describe('trailers', () => {
  const withTrailers = (...lines: string[]): string =>
    `1\r\nx\r\n0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`

  test('row 056: fields in their order, repeated ones apart', () => {
    expectBody(
      withTrailers('Expires: Wed, 21 Oct 2015 07:28:00 GMT', 'x-a:1', 'X-A: \t2 '),
      'x',
      ' | expires: Wed, 21 Oct 2015 07:28:00 GMT | x-a: 1 | x-a: 2',
    )
    expectBody(withTrailers('X-Sum: 1'), 'x', ' | X-Sum: 1', { preserveHeaderCase: true })
    expectBody(withTrailers('x:'), 'x', ' | x: ')
  })

  test('row 057: a line of a trailer section is as strict as one of a head', () => {
    for (const line of [
      'a: 1\rb: 2',
      'no colon',
      ': 1',
      'a : 1',
      ' a: 1',
      'a: \0',
      'a: \x01',
      'a b: 1',
      'a: 1\r\n b',
    ]) {
      expectBad(withTrailers(line), 'PARSE_HEADER', 400)
    }
    for (const body of ['0\r\na: 1\n\r\n', '0\r\na: 1\r\n\n', '0\r\n\n', '0\r\na: 1\r\n\rX', '0\r\n\rX'])
      expectBad(body, 'PARSE_HEADER', 400)
    expectBody('0\r\na: 1\n\r\n', '', ' | a: 1', { allowBareLf: true })
    expectBody(withTrailers('no colon', 'a: 1'), 'x', ' | a: 1', { ignoreInvalidHeaders: true })
  })

  test('row 058: as many fields as a head may have, and no more', () => {
    const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `t${i}: ${i}`)
    for (const maxHeaders of [undefined, 3]) {
      const most = maxHeaders ?? 100
      expectBody(
        withTrailers(...lines(most)),
        'x',
        lines(most)
          .map((line) => ` | ${line}`)
          .join(''),
        { maxHeaders },
      )
      expectBad(withTrailers(...lines(most + 1)), 'TRAILERS_TOO_LARGE', 431, { maxHeaders })
    }
  })

  test('row 059: 16 KiB by default, one field or many', () => {
    // The empty line that ends the section counts too.
    const one = (size: number): string => `t: ${'a'.repeat(size - 7)}`
    for (const maxTrailerSize of [undefined, 64]) {
      const most = maxTrailerSize ?? 16_384
      expectBody(withTrailers(one(most)), 'x', ` | ${one(most)}`, { maxTrailerSize })
      expectBad(withTrailers(one(most + 1)), 'TRAILERS_TOO_LARGE', 431, { maxTrailerSize })
    }
    const many = Array.from({ length: 90 }, () => `t: ${'a'.repeat(190)}`)
    expectBad(withTrailers(...many), 'TRAILERS_TOO_LARGE', 431)
    expectBody('0\r\n\r\n', '', '', { maxTrailerSize: 2 })
    expectBad('0\r\na: ', 'TRAILERS_TOO_LARGE', 431, { maxTrailerSize: 2 })
  })

  test('row 060: a server gets them after the data, and the connection goes on', () => {
    const wire = post(CODING, withTrailers('sum: 1'))
    const { events, output, reasons } = serve(wire, { trailing: wire })
    const one = ['POST / 1.1 | host: a | transfer-encoding: chunked | body ?', 'data x', 'end | sum: 1']
    expect(events).toEqual([...one, ...one])
    expect(output).toBe(OK + OK)
    expect(reasons).toEqual([])
  })

  test('row 061: a client gets them, announced or not, however they are spelled', () => {
    for (const announced of ['', 'trailer: chunky-trailer\r\n', 'Trailer: Chunky-Trailer, Other\r\n']) {
      const head = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n${announced}\r\n`
      const { events, reasons } = receive(
        `${head}${withTrailers('Chunky-Trailer: header data', 'chunky-trailer: 2', 'Other: 3')}`,
      )
      expect(events.slice(1)).toEqual([
        'data x',
        'end | chunky-trailer: header data | chunky-trailer: 2 | other: 3',
      ])
      expect(reasons).toEqual([])
    }
  })

  test('row 062: they are passed on as they are, and change nothing about the message or the next one', () => {
    const lines = [
      'content-length: 5',
      'transfer-encoding: gzip',
      'host: b',
      'connection: close',
      'authorization: x',
      'content-type: y',
    ]
    expectBody(withTrailers(...lines), 'x', lines.map((line) => ` | ${line}`).join(''))
    const wire = post(CODING, withTrailers(...lines))
    for (const chunking of [whole(wire + get()), byteByByte(wire + get())]) {
      const { events, reasons } = serveChunks(chunking.chunks)
      expect(events.at(-1)).toBe(NEXT)
      expect(reasons).toEqual([])
    }
  })

  test('row 062: a failure in the trailers ends the message: there is no end of the body', () => {
    const machine = new ServerMachine()
    machine.receive(toBytes(post(CODING, withTrailers('bad'))), 0)
    const events = Array.from({ length: 4 }, () => machine.nextEvent())
    expect(events).toEqual([HEAD_EVENT, DATA_EVENT, FAILED, CLOSED_EVENT])
    expect(machine.trailers).toBe(null)
  })
})
