import { describe, expect, test } from 'vitest'
import { type HttpRequest, HttpResponse } from '../../src/http/index.ts'
import { failure, record } from '../body/record.ts'
import { served } from '../parity/wire-kit.ts'

// Request bodies that have come with their heads, and those that have not.

const POST = 'POST / HTTP/1.1\r\nhost: a\r\n'
const WHOLE = `${POST}content-length: 3\r\n\r\nabc`
const PART = `${POST}content-length: 3\r\n\r\nab`
const CHUNKED = `${POST}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`
const EMPTY = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'

/** What a service sees of a body at the moment in which it is called. */
async function atOnce(wire: string, lingerSize?: number): Promise<string[]> {
  let seen: string[] = []
  const it = served(
    (request) => {
      seen = record(request.body).log.slice()
      return new HttpResponse()
    },
    { lingerSize },
  )
  await it.ask(wire)
  return seen
}

describe('a body of known length that has come with its head', () => {
  test('is there, to its end, when the service is called', async () => {
    expect(await atOnce(WHOLE)).toEqual(['abc', 'end'])
  })

  test('is not waited for when a byte is missing, its end is not known, or the client waits itself', async () => {
    expect(await atOnce(PART)).toEqual([])
    expect(await atOnce(WHOLE, 3)).toEqual(['abc', 'end'])
    // Of what is longer nothing is read unless somebody wants it.
    expect(await atOnce(WHOLE, 2)).toEqual([])
    expect(await atOnce(CHUNKED)).toEqual([])
    expect(await atOnce(WHOLE.replace('host: a', 'host: a\r\nexpect: 100-continue'))).toEqual([])
  })

  test('leaves the request behind it where it was', async () => {
    const bodies: Promise<string>[] = []
    const it = served((request) => {
      bodies.push(request.text())
      return new HttpResponse()
    })
    expect(await it.ask(WHOLE + WHOLE.replace('abc', 'def') + PART)).toBe(EMPTY + EMPTY + EMPTY)
    expect(await it.ask('c')).toBe('')
    expect(await Promise.all(bodies)).toEqual(['abc', 'def', 'abc'])
  })

  test('may be read after the answer', async () => {
    const requests: HttpRequest[] = []
    const it = served((request) => {
      requests.push(request)
      return new HttpResponse()
    })
    expect(await it.ask(WHOLE)).toBe(EMPTY)
    expect(await requests[0]?.text()).toBe('abc')
    expect(await failure(requests[0]!.text())).toMatchObject({ code: 'BODY_USED' })
  })
})

test('a body that had not come when the request was answered says so to who begins then', async () => {
  const requests: HttpRequest[] = []
  const it = served((request) => {
    requests.push(request)
    return new HttpResponse()
  })
  expect(await it.ask(PART)).toBe(EMPTY)
  const errors = [await failure(requests[0]!.text()), await failure(requests[0]!.text())]
  expect(errors).toMatchObject([{ code: 'CANCELED', by: 'user' }, { code: 'BODY_USED' }])
  expect(errors[0]?.message).toBe('the request was answered before its body was read')
  expect(await it.ask(`c${WHOLE}`)).toBe(EMPTY)
})
