// The parser that judges servers must itself be strict: what it lets pass, no row can find.
import { expect, test } from 'vitest'
import { parseResponses, type AnswerKind } from '../src/prober/response.ts'

function parse(text: string, kind: AnswerKind = 'plain', ended = false): ReturnType<typeof parseResponses> {
  return parseResponses(Buffer.from(text, 'latin1'), () => kind, ended)
}

test('two responses and an interim one', () => {
  const { responses, rest, malformed } = parse(
    'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204 No Content\r\n\r\n',
  )
  expect(malformed).toBeNull()
  expect(rest).toHaveLength(0)
  expect(responses.map(({ status, complete }) => [status, complete])).toEqual([
    [200, true],
    [204, true],
  ])
  expect(responses[0]?.interim.map(({ status }) => status)).toEqual([103])
  expect(responses[0]?.body.toString()).toBe('ok')
})

test('a chunked one, with trailers, in every cut', () => {
  const whole = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX-T: v\r\n\r\n'
  for (let at = 1; at < whole.length; at++) {
    const { responses, malformed } = parse(whole.slice(0, at))
    expect(malformed).toBeNull()
    expect(responses.every(({ complete }) => !complete)).toBe(true)
  }
  const [response] = parse(whole).responses
  expect(response).toMatchObject({ complete: true, trailers: [['X-T', 'v']], framing: 'chunked' })
  expect(response?.body.toString()).toBe('ok')
})

test('without a length it lasts to the end', () => {
  expect(parse('HTTP/1.1 200 OK\r\n\r\nabc').responses[0]?.complete).toBe(false)
  expect(parse('HTTP/1.1 200 OK\r\n\r\nabc', 'plain', true).responses[0]).toMatchObject({
    complete: true,
    framing: 'close',
  })
})

test('answers to HEAD and tunnels', () => {
  expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'head').responses[0]?.complete).toBe(true)
  expect(parse('HTTP/1.1 200 OK\r\n\r\nraw', 'tunnel').responses[0]).toMatchObject({ framing: 'tunnel' })
})

test.each([
  ['a status line without its space', 'HTTP/1.1 200\r\n\r\n'],
  ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['a bare LF', 'HTTP/1.1 200 OK\nX: y\r\n\r\n'],
  ['a space before a colon', 'HTTP/1.1 200 OK\r\nX : y\r\n\r\n'],
  ['both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['a 204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
  ['a bad chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['bytes that are no response', 'HTTP/1.1 204 No Content\r\n\r\nhello'],
])('%s is malformed', (_name, text) => {
  expect(parse(text).malformed).not.toBeNull()
})
