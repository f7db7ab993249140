import { expect, test } from 'vitest'
import { Body } from '../../src/body/index.ts'
import { HttpRequest, HttpResponse } from '../../src/http/index.ts'
import { layer, mapRequest, mapResponse, serviceFn, stack } from '../../src/service/index.ts'
import type { Exchange, Layer, Service } from '../../src/service/index.ts'

const exchange = {} as Exchange
const request = new HttpRequest('GET', '/')

test('stack folds once, the first layer outermost', () => {
  const log: string[] = []
  let built = 0
  const named =
    (name: string): Layer =>
    (inner) => {
      built++
      return (given, given2) => {
        log.push(`${name} in`)
        const answer = inner(given, given2)
        log.push(`${name} out`)
        return answer
      }
    }
  const service = stack([named('a'), named('b')], () => {
    log.push('service')
    return new HttpResponse('x')
  })
  expect(service(request, exchange)).toBeInstanceOf(HttpResponse)
  expect(log).toEqual(['a in', 'b in', 'service', 'b out', 'a out'])
  void service(request, exchange)
  expect(built).toBe(2)
})

test('an empty stack is the service itself', () => {
  const service: Service = () => new HttpResponse()
  expect(stack([], service)).toBe(service)
})

test('a layer that gives no service is told when the stack is made', () => {
  expect(() => stack([() => undefined as never], () => new HttpResponse())).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: 'a layer must give a service: a function' }),
  )
})

test('a synchronous service stays synchronous through every helper', () => {
  const service = stack(
    [
      layer((given, scope, inner) => inner(given, scope)),
      mapRequest((given) => given),
      mapResponse((response) => {
        response.headers.set('via', 'test')
        return response
      }),
    ],
    serviceFn(() => 'hello'),
  )
  const answer = service(request, exchange)
  expect(answer).toBeInstanceOf(HttpResponse)
  expect((answer as HttpResponse).headers.get('via')).toBe('test')
})

test('asynchronous parts are waited for', async () => {
  const service = stack(
    [
      mapRequest(() => Promise.resolve(new HttpRequest('GET', '/other'))),
      mapResponse((response) => {
        return Promise.resolve(new HttpResponse(response.body, { status: 201 }))
      }),
    ],
    serviceFn((given) => Promise.resolve(given.target)),
  )
  const answer = await service(request, exchange)
  expect([answer.status, await answer.text()]).toEqual([201, '/other'])
})

test('serviceFn takes a response, or what a body is made of', async () => {
  const response = new HttpResponse('x', { status: 404 })
  expect(serviceFn(() => response)(request, exchange)).toBe(response)
  const texts: string[] = []
  for (const answer of [null, 'text', Uint8Array.of(65), Body.from('body'), ['a', 'b']]) {
    const made = await serviceFn(() => answer)(request, exchange)
    expect(made.status).toBe(200)
    texts.push(await made.text())
  }
  expect(texts).toEqual(['', 'text', 'A', 'body', 'ab'])
})
