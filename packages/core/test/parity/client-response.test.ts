import { describe, expect, test } from 'vitest'
import { HttpRequest } from '../../src/http/index.ts'
import type { HttpResponse } from '../../src/http/index.ts'
import {
  clientEvents,
  dialed,
  errorOf,
  everyClientRun,
  fieldsOf,
  latin1,
  watch,
  type Dialed,
} from './wire-kit.ts'

// Rows 146–155, and the client's part of the strictness list: every wire case whole, byte by byte, and cut everywhere.

const OK = 'HTTP/1.1 200 OK\r\n'

describe('response heads', () => {
  test('row 146: a response head', () => {
    expect(everyClientRun(`${OK}a: b\r\nContent-Length: 0\r\n\r\n`)).toEqual(['1.1 200 a=b content-length=0'])
    expect(everyClientRun(`HTTP/1.0 200 OK\r\n\r\n`, { end: true })).toEqual([
      '1.0 200 body unknown',
      'end',
      'closed',
    ])
  })

  test('row 146: an empty response before the end of the stream', () => {
    expect(everyClientRun(`${OK}content-length: 0\r\n\r\n`, { end: true })).toEqual([
      '1.1 200 content-length=0',
      'closed',
    ])
  })

  test('row 147: interim responses are skipped, and the callback is called once for each', async () => {
    expect(everyClientRun(`HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 0\r\n\r\n`)).toEqual([
      '100',
      '1.1 200 content-length=0',
    ])
    const { sender, sent, reply } = dialed()
    const heard: string[] = []
    const outcome = watch(
      sender.send(new HttpRequest('POST', '/', { body: 'foo bar' }), {
        onInformational: (status, headers) => void heard.push(`${status} ${fieldsOf(headers)}`),
      }),
    )
    await sent()
    await reply(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\nlink: </b>\r\n\r\n` +
        `HTTP/1.1 199 \r\ncontent-length: 5\r\ntransfer-encoding: x\r\n\r\n${OK}content-length: 0\r\n\r\n`,
    )
    expect(heard).toEqual(['100 ', '103 link=</a> link=</b>', '199 content-length=5 transfer-encoding=x'])
    expect(outcome.value!.status).toBe(200)
    expect(sender.isReady).toBe(true)
  })

  test('row 147: a callback that throws costs the exchange nothing', async () => {
    const { runtime, sender, sent, reply } = dialed()
    const failing = (): void => {
      throw new Error('mine')
    }
    const outcome = watch(sender.send(new HttpRequest('GET', '/'), { onInformational: failing }))
    await sent()
    await reply(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}content-length: 0\r\n\r\n`)
    expect(outcome.value!.status).toBe(200)
    expect(runtime.errors).toMatchObject([{ message: 'mine' }])
  })

  test('row 147: interim responses without end are bounded', () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n'
    const run = clientEvents(interim.repeat(33))
    expect(run.slice(0, 32)).toEqual(Array<string>(32).fill('103'))
    expect(run.slice(32)).toEqual(['failed TOO_MANY_INFORMATIONAL', 'closed'])
    expect(everyClientRun(interim.repeat(2), { options: { maxInformational: 1 } })).toEqual([
      '103',
      'failed TOO_MANY_INFORMATIONAL',
      'closed',
    ])
  })

  test('row 148: the end of the stream before the end of the head', () => {
    for (const wire of [
      'H',
      'HTTP/1.1 200 OK\r\n',
      `${OK}a: b\r\n`,
      `${OK}a: b\r\n\r`,
      'HTTP/1.1 100 Continue\r\n\r\n',
    ]) {
      const run = everyClientRun(wire, { end: true })
      expect(run.slice(-2)).toEqual(['failed INCOMPLETE_MESSAGE', 'closed'])
    }
  })

  test('row 148: the end of the stream instead of a response', async () => {
    const { io, sender, sent } = dialed()
    const outcome = watch(sender.send(new HttpRequest('GET', '/')))
    await sent()
    io.feedEnd()
    await sent()
    expect(outcome.error).toMatchObject({
      code: 'INCOMPLETE_MESSAGE',
      by: 'peer',
      phase: 'headers',
      retryable: false,
    })
    expect(outcome.error!.isIncompleteMessage()).toBe(true)
    expect(sender.isClosed).toBe(true)
  })

  const MALFORMED: readonly (readonly [string, string])[] = [
    ['HEAT/1.1 200 OK\r\n\r\n', 'PARSE_VERSION'],
    ['http/1.1 200 OK\r\n\r\n', 'PARSE_VERSION'],
    ['HTTP/1 200 OK\r\n\r\n', 'PARSE_VERSION'],
    ['HTTP/11.1 200 OK\r\n\r\n', 'PARSE_VERSION'],
    [' HTTP/1.1 200 OK\r\n\r\n', 'PARSE_VERSION'],
    ['\r\nHTTP/1.1 200 OK\r\n\r\n', 'PARSE_VERSION'],
    ['HTTP/2.0 200 OK\r\n\r\n', 'VERSION_UNSUPPORTED'],
    ['HTTP/0.9 200 OK\r\n\r\n', 'VERSION_UNSUPPORTED'],
    ['HTTP/1.1 001 OK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 099 OK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 1\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 20X OK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 +20 OK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1200 OK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1  200 OK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1\t200 OK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 200\tOK\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 200 OK\rX\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 200 O\0K\r\n\r\n', 'PARSE_STATUS'],
    ['HTTP/1.1 200 OK\n\r\n\r\n', 'PARSE_STATUS'],
    [`${OK}a\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK}: b\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK}a b: c\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK}a: b\nc: d\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK}a: b\rc\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK}a: \0\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK} a: b\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK}a: b\r\n c\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK}a : b\r\n\r\n`, 'PARSE_HEADER'],
    [`${OK}a: b\r\n\n`, 'PARSE_HEADER'],
  ]

  for (const [wire, code] of MALFORMED) {
    test(`row 149: ${JSON.stringify(wire)}`, () => {
      expect(everyClientRun(wire)).toEqual([`failed ${code}`, 'closed'])
    })
  }

  test('row 149: a head that is too large, by bytes, by fields, by the limit of one request', async () => {
    expect(clientEvents(`${OK}a: ${'b'.repeat(500_000)}\r\n\r\n`)).toEqual([
      'failed HEAD_TOO_LARGE',
      'closed',
    ])
    expect(clientEvents(`${OK}a: ${'b'.repeat(400_000)}\r\ncontent-length: 0\r\n\r\n`)[0]).toMatch(
      /^1\.1 200 a=b+ /,
    )
    expect(clientEvents(`${OK}${'a: b\r\n'.repeat(101)}\r\n`)).toEqual(['failed HEAD_TOO_LARGE', 'closed'])
    const { sender, sent, reply } = dialed()
    const outcome = watch(sender.send(new HttpRequest('GET', '/'), { maxHeadSize: 100 }))
    await sent()
    await reply(`${OK}a: ${'b'.repeat(100)}\r\n\r\n`)
    expect(outcome.error).toMatchObject({ code: 'HEAD_TOO_LARGE', by: 'peer', phase: 'headers' })
    expect(outcome.error!.isParse() && outcome.error!.isParseTooLarge()).toBe(true)
  })

  test('row 149: the predicates', async () => {
    for (const [wire, predicate] of [
      ['HEAT/1.1 200 OK\r\n\r\n', 'isParse'],
      ['HTTP/1.1 001 OK\r\n\r\n', 'isParseStatus'],
      ['HTTP/1.1 1\r\n\r\n', 'isParseStatus'],
    ] as const) {
      const { sender, sent, reply } = dialed()
      const outcome = watch(sender.send(new HttpRequest('GET', '/')))
      await sent()
      await reply(wire)
      expect(outcome.error![predicate]()).toBe(true)
      expect(outcome.error!.isParse()).toBe(true)
    }
  })

  const H09 = { options: { http09Responses: true }, end: true }

  test('row 150: HTTP/0.9 is refused by default', () => {
    expect(everyClientRun('Mine is an old server', { end: true })).toEqual(['failed PARSE_VERSION', 'closed'])
  })

  test('row 150: HTTP/0.9 with the option: 200, and the whole stream is the body', () => {
    expect(everyClientRun('Mine is an old server', H09)).toEqual([
      '0.9 200 body unknown',
      'data Mine is an old server',
      'end',
      'closed',
    ])
    expect(everyClientRun('Hello', H09)).toEqual(['0.9 200 body unknown', 'data Hello', 'end', 'closed'])
    expect(everyClientRun('HTTP', H09)).toEqual(['0.9 200 body unknown', 'data HTTP', 'end', 'closed'])
    expect(everyClientRun(`HTTP/1.1 100 Continue\r\n\r\nHello`, H09)).toEqual([
      '100',
      '0.9 200 body unknown',
      'data Hello',
      'end',
      'closed',
    ])
    expect(everyClientRun(`${OK}content-length: 2\r\n\r\nok`, H09)).toEqual([
      '1.1 200 content-length=2 body 2',
      'data ok',
      'end',
      'closed',
    ])
  })

  test('row 150: HTTP/0.9 only as the first response', async () => {
    const { sender, sent, reply } = dialed({ http09Responses: true })
    watch(sender.send(new HttpRequest('GET', '/')))
    await sent()
    await reply(`${OK}content-length: 0\r\n\r\n`)
    const outcome = watch(sender.send(new HttpRequest('GET', '/')))
    await sent()
    await reply('Mine is an old server')
    expect(outcome.error).toMatchObject({ code: 'PARSE_VERSION' })
  })

  test('row 150: HTTP/0.9: the time for the head does not run on into the body', async () => {
    const { io, runtime, sender, sent, reply } = dialed({ http09Responses: true, headersTimeout: 1000 })
    const outcome = watch(sender.send(new HttpRequest('GET', '/')))
    await sent()
    await reply('Mine is')
    const text = watch(outcome.value!.text())
    runtime.advance(5000)
    io.feed(' an old server')
    io.feedEnd()
    await sent()
    expect(text.value).toBe('Mine is an old server')
  })

  test('row 151: space before the colon, with the option', () => {
    const options = { allowSpaceBeforeColon: true }
    expect(everyClientRun(`${OK}Access-Control \t : b\r\ncontent-length: 0\r\n\r\n`, { options })).toEqual([
      '1.1 200 access-control=b content-length=0',
    ])
    expect(everyClientRun(`${OK}a b: c\r\n\r\n`, { options })).toEqual(['failed PARSE_HEADER', 'closed'])
  })

  test('row 152: folded lines, with the option, are joined with one space', () => {
    const wire = `${OK}a: one\r\n  two\r\n\t three \r\nb:\r\n c\r\ncontent-length: 0\r\n\r\n`
    expect(everyClientRun(wire, { options: { allowObsFold: true } })).toEqual([
      '1.1 200 a=one two three b=c content-length=0',
    ])
    expect(everyClientRun(`${OK} a: b\r\n\r\n`, { options: { allowObsFold: true } })).toEqual([
      'failed PARSE_HEADER',
      'closed',
    ])
  })

  test('row 152: a folded length or coding is judged by what it is joined to', () => {
    const options = { allowObsFold: true }
    expect(everyClientRun(`${OK}content-length: 1\r\n 2\r\n\r\n`, { options })).toEqual([
      'failed CONTENT_LENGTH_INVALID',
      'closed',
    ])
    expect(everyClientRun(`${OK}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n`, { options })).toEqual([
      '1.1 200 transfer-encoding=chunked body unknown',
      'end',
    ])
    expect(everyClientRun(`${OK}transfer-encoding: x\r\n ,chunked\r\n\r\n0\r\n\r\n`, { options })).toEqual([
      'failed TRANSFER_ENCODING_UNSUPPORTED',
      'closed',
    ])
  })

  test('row 153: a reason phrase that is not the usual one is kept, the usual one is not', () => {
    const end = 'content-length: 0\r\n\r\n'
    expect(everyClientRun(`HTTP/1.1 200 Alright\r\n${end}`)).toEqual(['1.1 200 "Alright" content-length=0'])
    expect(everyClientRun(`HTTP/1.1 200 OK\r\n${end}`)).toEqual(['1.1 200 content-length=0'])
    expect(everyClientRun(`HTTP/1.1 200 \r\n${end}`)).toEqual(['1.1 200 "" content-length=0'])
    expect(everyClientRun(`HTTP/1.1 200\r\n${end}`)).toEqual(['1.1 200 "" content-length=0'])
    expect(everyClientRun(`HTTP/1.1 404 Not\tFound \xe9\xff\r\n${end}`)).toEqual([
      '1.1 404 "Not\tFound \xe9\xff" content-length=0',
    ])
    expect(everyClientRun(`HTTP/1.1 999 \r\n${end}`)).toEqual(['1.1 999 content-length=0'])
  })
})

/** A client that waits for its response. */
async function asking(method = 'GET'): Promise<Dialed & { response: () => HttpResponse }> {
  const all = dialed()
  const outcome = watch(all.sender.send(new HttpRequest(method, '/')))
  await all.sent()
  return { ...all, response: () => outcome.value! }
}

describe('response bodies', () => {
  test('row 154: the size hint is the announced length, and the end is not known before it is read', async () => {
    const { reply, response } = await asking()
    await reply(`${OK}content-length: 5\r\n\r\n`)
    const { body } = response()
    expect(body.sizeHint).toEqual({ lower: 5, upper: 5 })
    expect(body.isEnd).toBe(false)
    await reply('hello')
    expect(await body.text()).toBe('hello')
    expect(body.sizeHint).toEqual({ lower: 0, upper: 0 })
    expect(body.isEnd).toBe(true)
  })

  test('row 154: no hint for chunked and for until-close, an empty body for none', async () => {
    for (const head of [`${OK}transfer-encoding: chunked\r\n\r\n`, `${OK}\r\n`]) {
      const { reply, response } = await asking()
      await reply(head)
      expect(response().body.sizeHint).toEqual({ lower: 0, upper: null })
      expect(response().body.isEnd).toBe(false)
    }
    const { reply, response } = await asking('HEAD')
    await reply(`${OK}content-length: 5\r\n\r\n`)
    expect(response().body.isEnd).toBe(true)
    expect(response().body.sizeHint).toEqual({ lower: 0, upper: 0 })
  })

  test('row 155: the connection goes in the middle of a body: an error, not an end', async () => {
    for (const head of [
      'content-length: 10\r\n\r\nfoo',
      'transfer-encoding: chunked\r\n\r\n3\r\nfoo\r\n',
      'transfer-encoding: chunked\r\n\r\n3\r\nfoo\r\n0\r\n',
    ]) {
      expect(everyClientRun(OK + head, { end: true }).slice(-3)).toEqual([
        'data foo',
        'failed INCOMPLETE_MESSAGE',
        'closed',
      ])
      for (const how of ['end', 'close', 'reset', 'abort'] as const) {
        const { io, connection, sent, reply, response } = await asking()
        await reply(OK + head)
        const text = watch(response().text())
        if (how === 'end') io.feedEnd()
        else if (how === 'abort') connection.abort()
        else io.feedClose(how === 'reset' ? new Error('ECONNRESET') : null)
        await sent()
        expect(text.state).toBe('rejected')
        expect(text.error!.code).toBe(
          { end: 'INCOMPLETE_MESSAGE', close: 'CLOSED', reset: 'IO', abort: 'CANCELED' }[how],
        )
        expect(await response().trailers).toBeNull()
      }
    }
  })

  test('row 155: a body that ends with the connection is complete at the end of the stream, not at a reset', async () => {
    expect(everyClientRun(`${OK}\r\nfoo`, { end: true })).toEqual([
      '1.1 200 body unknown',
      'data foo',
      'end',
      'closed',
    ])
    const { io, sent, reply, response } = await asking()
    await reply(`${OK}\r\nfoo`)
    const text = watch(response().text())
    io.feedClose(new Error('ECONNRESET'))
    await sent()
    expect(text.error).toMatchObject({ code: 'IO', by: 'io', phase: 'body' })
  })

  test('row 155: what arrived before the connection went can still be read', async () => {
    const { io, sent, reply, response } = await asking()
    await reply(`${OK}content-length: 10\r\n\r\nfoo`)
    io.feedEnd()
    await sent()
    const parts: string[] = []
    const reading = (async () => {
      for await (const part of response().body) parts.push(Buffer.from(part).toString())
    })()
    expect(await errorOf(reading)).toMatchObject({ code: 'INCOMPLETE_MESSAGE', phase: 'body' })
    expect(parts).toEqual(['foo'])
  })
})

describe('the length of a response', () => {
  test('row 38: neither field: until the close', () => {
    const events = ['1.1 200 body unknown', 'data hello', 'end', 'closed']
    expect(everyClientRun(`${OK}\r\nhello`, { end: true })).toEqual(events)
    expect(everyClientRun('HTTP/1.0 200 OK\r\n\r\nhello', { end: true })).toEqual([
      '1.0 200 body unknown',
      ...events.slice(1),
    ])
  })

  test('rows 39, 43: HEAD, 204 and 304 have no body, whatever length or coding they name', () => {
    for (const fields of [
      'content-length: 5',
      'transfer-encoding: chunked',
      'content-length: 5\r\ntransfer-encoding: gzip',
      'content-length: x',
    ]) {
      const tail = `\r\n${fields}\r\n\r\n`
      for (const [line, method] of [
        ['200 OK', 'HEAD'],
        ['204 No Content', 'GET'],
        ['304 Not Modified', 'GET'],
      ] as const) {
        const run = everyClientRun(`HTTP/1.1 ${line}${tail}`, { method })
        expect(run).toHaveLength(1)
        expect(run[0]).not.toContain(' body ')
      }
    }
  })

  test('rows 40, 47: repeated or malformed lengths are refused; equal ones with the option', () => {
    for (const value of ['3, 4', '3,3', '+3', '-3', '0x3', '3 3', 'three', '', '99999999999999999999']) {
      expect(everyClientRun(`${OK}content-length: ${value}\r\n\r\n`)).toEqual([
        'failed CONTENT_LENGTH_INVALID',
        'closed',
      ])
    }
    const twice = `${OK}content-length: 3\r\ncontent-length: 3\r\n\r\nfoo`
    expect(everyClientRun(twice)).toEqual(['failed CONTENT_LENGTH_INVALID', 'closed'])
    const options = { allowRepeatedContentLength: true }
    expect(everyClientRun(twice, { options }).slice(1)).toEqual(['data foo', 'end'])
    expect(everyClientRun(`${OK}content-length: 3, 3\r\n\r\nfoo`, { options }).slice(1)).toEqual([
      'data foo',
      'end',
    ])
    expect(everyClientRun(`${OK}content-length: 3, 4\r\n\r\nfoo`, { options })).toEqual([
      'failed CONTENT_LENGTH_INVALID',
      'closed',
    ])
  })

  test('row 41: a coding that does not end in chunked is an error, not a body until the close', () => {
    for (const [coding, code] of [
      ['identity', 'TRANSFER_ENCODING_INVALID'],
      ['gzip', 'TRANSFER_ENCODING_INVALID'],
      ['chunked, gzip', 'TRANSFER_ENCODING_INVALID'],
      ['chunked, chunked', 'TRANSFER_ENCODING_INVALID'],
      ['xchunked', 'TRANSFER_ENCODING_INVALID'],
      ['chunked;a=b', 'TRANSFER_ENCODING_INVALID'],
      ['', 'TRANSFER_ENCODING_INVALID'],
      ['gzip, chunked', 'TRANSFER_ENCODING_UNSUPPORTED'],
    ]) {
      expect(everyClientRun(`${OK}transfer-encoding: ${coding}\r\n\r\n`)).toEqual([
        `failed ${code}`,
        'closed',
      ])
    }
  })

  test('rows 42, 45: a coding beside a length, or with HTTP/1.0, is an error', () => {
    for (const wire of [
      `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n`,
      `${OK}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n`,
      'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
    ]) {
      expect(everyClientRun(wire)).toEqual(['failed TRANSFER_ENCODING_UNEXPECTED', 'closed'])
    }
  })

  test('bytes after the end of a response are never part of it, nor of the next', () => {
    for (const [head, body] of [
      ['content-length: 3', 'foo'],
      ['transfer-encoding: chunked', '3\r\nfoo\r\n0\r\n\r\n'],
    ]) {
      const run = everyClientRun(`${OK}${head}\r\n\r\n${body}${OK}content-length: 0\r\n\r\n`)
      expect(run.slice(1)).toEqual(['data foo', 'end', 'failed UNEXPECTED_MESSAGE', 'closed'])
    }
    expect(everyClientRun(`${OK}content-length: 0\r\n\r\nx`).slice(1)).toEqual([
      'failed UNEXPECTED_MESSAGE',
      'closed',
    ])
    expect(everyClientRun(`${OK}content-length: 5\r\n\r\nx`, { method: 'HEAD' }).slice(1)).toEqual([
      'failed UNEXPECTED_MESSAGE',
      'closed',
    ])
  })

  test('body bytes keep their values', async () => {
    const { io, sent, response } = await asking()
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    io.feed(latin1(`${OK}content-length: 256\r\n\r\n`))
    await sent()
    io.feed(all)
    expect(await response().bytes()).toEqual(all)
  })
})
