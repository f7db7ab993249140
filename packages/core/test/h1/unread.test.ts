import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import type { HyperError } from '../../src/error/index.ts'
import { HttpResponse } from '../../src/http/index.ts'
import type { Service } from '../../src/service/service.ts'
import { connected, slowService } from './connected.ts'

// A request whose body nobody reads to its end, and a client that leaves meanwhile. The connection must not wait for an
// answer that nobody takes.

const UPLOAD = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nabc'

describe('a client that ends its half while its request is being answered', () => {
  test('and has sent a short body that nobody reads: the service is told', async () => {
    const slow = slowService()
    const it = connected(slow.service)
    await it.ask('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc')
    it.io.feedEnd()
    await it.written()
    expect(slow.cancelled).toHaveLength(1)
    expect(it.code).toBe('CANCELED')
  })

  test('the short body is there for a service that asks late', async () => {
    const wait = Promise.withResolvers<void>()
    const it = connected(async (request) => {
      await wait.promise
      return new HttpResponse(await request.body.text())
    })
    await it.ask('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc')
    wait.resolve()
    expect(await it.written()).toContain('\r\n\r\nabc')
  })

  test('and whose long body was given up, before there is an answer', async () => {
    const slow = slowService()
    const it = connected((request, exchange) => {
      request.body.cancel()
      return slow.service(request, exchange)
    })
    await it.ask(UPLOAD)
    it.io.feedEnd()
    await it.written()
    expect(slow.cancelled).toHaveLength(1)
    expect([it.code, it.io.take()]).toEqual(['CANCELED', ''])
  })

  test('and whose long body was given up, while the answer is being streamed', async () => {
    const { sender, body } = channel()
    const reasons: string[] = []
    const it = connected((request, exchange) => {
      request.body.cancel()
      exchange.onCancel((reason) => reasons.push(reason.code))
      return new HttpResponse(body)
    })
    expect(await it.ask(UPLOAD)).toContain('connection: close')
    expect(it.code).toBe(null)
    it.io.feedEnd()
    await it.written()
    expect([it.code, reasons, sender.isClosed]).toEqual(['CANCELED', ['CANCELED'], true])
  })

  const CHUNKED = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n'

  test.each([
    ['one chunk', '1\r\na\r\n'],
    ['several chunks', '1\r\na\r\n2\r\nbc\r\n3\r\n'],
    ['a whole body', '1\r\na\r\n2\r\nbc\r\n0\r\n\r\n'],
  ])('and has sent %s that nobody reads: the service is told', async (_, chunks) => {
    for (const apart of [false, true]) {
      const slow = slowService()
      const it = connected(slow.service)
      await it.ask(CHUNKED + (apart ? '' : chunks))
      if (apart) await it.ask(chunks)
      it.io.feedEnd()
      await it.written()
      expect(slow.cancelled).toHaveLength(1)
      expect(it.code).toBe(chunks.endsWith('0\r\n\r\n') ? 'CANCELED' : 'INCOMPLETE_MESSAGE')
    }
  })

  test('what it has sent is there for a service that begins to read afterwards, and then the error', async () => {
    const wait = Promise.withResolvers<void>()
    const read = Promise.withResolvers<string>()
    const it = connected(async (request) => {
      await wait.promise
      let text = ''
      try {
        for await (const chunk of request.body) text += new TextDecoder().decode(chunk)
      } catch (error) {
        read.resolve(`${text} ${(error as HyperError).code}`)
      }
      return new HttpResponse()
    })
    await it.ask(`${CHUNKED}1\r\na\r\n2\r\nbc\r\n`)
    it.io.feedEnd()
    await it.written()
    wait.resolve()
    expect(await read.promise).toBe('abc INCOMPLETE_MESSAGE')
  })

  test('an upload that nobody reads is read ahead by 16 KiB, and no further', async () => {
    for (const [held, paused] of [
      [16_383, false],
      [16_384, true],
    ] as const) {
      const it = connected(slowService().service)
      await it.ask(`${CHUNKED}1\r\na\r\n`)
      // The end of the first chunk is held too.
      await it.ask(`ffff\r\n${'x'.repeat(held - 8)}`)
      expect(it.io.paused).toBe(paused)
    }
  })

  test('with halfClose it still gets the answer', async () => {
    const { sender, body } = channel()
    const service: Service = (request) => {
      request.body.cancel()
      return new HttpResponse(body)
    }
    const it = connected(service, { halfClose: true })
    await it.ask(UPLOAD)
    it.io.feedEnd()
    expect([await it.written(), it.code]).toEqual(['', null])
    void sender.send('x').then(() => sender.end())
    expect(await it.written()).toBe('1\r\nx\r\n0\r\n\r\n')
    expect(it.code).toBe('')
  })
})

describe('205 Reset Content (RFC 9110 §15.3.6)', () => {
  const NOTHING = 'HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n'

  test('has no content, whatever the service gave, and says so', async () => {
    const { sender, body } = channel()
    const given = ['text', new Uint8Array(5000), body]
    const headers = [{}, { 'content-length': '4' }, { 'transfer-encoding': 'chunked' }]
    for (const payload of given) {
      for (const fields of headers) {
        const it = connected(() => new HttpResponse(payload, { status: 205, headers: fields }), {
          keepAliveHint: false,
        })
        const wire = `GET / HTTP/1.1\r\nhost: a\r\n\r\n`
        if (payload !== body) expect(await it.ask(wire + wire)).toBe(`${NOTHING}\r\n${NOTHING}\r\n`)
        else if (!sender.isClosed) expect(await it.ask(wire)).toBe(`${NOTHING}\r\n`)
      }
    }
    expect(sender.isClosed).toBe(true)
  })
})
