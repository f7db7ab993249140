import { ERROR_CODES, type ErrorCode, HyperError } from '@hyper/core/error'
import { describe, expect, test } from 'vitest'
import { CLOSED_KIND, DESTROYED_KIND, UNDICI_KINDS } from '../../src/undici/error-table.ts'
import { dispatchErrorOf } from '../../src/undici/errors.ts'
import { type DispatchError, hyperErrorOf } from '../../src/undici/index.ts'

// Errors as handlers get them: coded as undici codes them, and ours all the same.

const of = (code: ErrorCode, init: Partial<ConstructorParameters<typeof HyperError>[2]> = {}): HyperError =>
  new HyperError(code, `what happened: ${code}`, {
    by: 'peer',
    phase: 'headers',
    address: 'a:1',
    attempts: 2,
    elapsedMs: 3,
    ...init,
  })

const coded = (error: HyperError): DispatchError =>
  dispatchErrorOf(error, 'undici') as unknown as DispatchError

/** As the system makes them. */
const system = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code, ...more })

test('the message, and everything that is known, is that of hyper; the code and the name are those of undici', () => {
  const error = of('HEADERS_TIMEOUT', { retryable: true })
  const told = coded(error)
  expect(told).toBeInstanceOf(HyperError)
  expect(told).toMatchObject({
    name: 'HeadersTimeoutError',
    code: 'UND_ERR_HEADERS_TIMEOUT',
    message: 'what happened: HEADERS_TIMEOUT',
    by: 'peer',
    phase: 'headers',
    address: 'a:1',
    attempts: 2,
    elapsedMs: 3,
    retryable: true,
  })
  expect(told.cause).toBe(error)
  expect(`${told.name}: ${told.message}`).toBe('HeadersTimeoutError: what happened: HEADERS_TIMEOUT')
  expect([told.isTimeout(), told.isCanceled(), told.isClosed(), told.isParse(), told.isUser()]).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
  expect(Object.keys(told)).toContain('code')
})

test('what it means is asked of the code that it had', () => {
  expect(coded(of('CANCELED')).isCanceled()).toBe(true)
  expect(coded(of('CLOSED')).isClosed()).toBe(true)
  expect(coded(of('INCOMPLETE_MESSAGE')).isIncompleteMessage()).toBe(true)
  expect(coded(of('PARSE_STATUS')).isParseStatus()).toBe(true)
  expect(coded(of('PARSE_STATUS')).isParse()).toBe(true)
  expect(coded(of('HEAD_TOO_LARGE')).isParseTooLarge()).toBe(true)
  expect(coded(of('PARSE_VERSION_H2')).isParseVersionH2()).toBe(true)
  expect(coded(of('BODY_WRITE_ABORTED')).isBodyWriteAborted()).toBe(true)
  expect(coded(of('SHUTDOWN')).isShutdown()).toBe(true)
})

describe('every code', () => {
  test.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s', (code) => {
    const told = coded(of(code))
    expect(told.message).toBe(`what happened: ${code}`)
    expect(told.code).toBe(UNDICI_KINDS[code]?.code ?? code)
    expect(told.code).toMatch(code in UNDICI_KINDS ? /^(UND_ERR_|HPE_|ENOTFOUND$)/ : /^[A-Z0-9_]+$/)
  })
})

test.each([
  ['dns', 'UND_ERR_CONNECT_TIMEOUT'],
  ['connect', 'UND_ERR_CONNECT_TIMEOUT'],
  ['pool', 'UND_ERR_CONNECT_TIMEOUT'],
  [null, 'UND_ERR_CONNECT_TIMEOUT'],
  ['write', 'UND_ERR_HEADERS_TIMEOUT'],
  ['headers', 'UND_ERR_HEADERS_TIMEOUT'],
  ['body', 'UND_ERR_BODY_TIMEOUT'],
] as const)('the timeout over everything, where it struck: %s', (phase, code) => {
  expect(coded(of('TOTAL_TIMEOUT', { phase })).code).toBe(code)
})

describe('what the system has said', () => {
  const refused = system('ECONNREFUSED', { errno: -111, syscall: 'connect', address: '127.0.0.1', port: 1 })

  test('passes for it', () => {
    const told = coded(of('CONNECT', { cause: refused }))
    expect(told).toMatchObject({
      code: 'ECONNREFUSED',
      name: 'Error',
      errno: -111,
      syscall: 'connect',
      port: 1,
      address: 'a:1',
    })
  })

  test.each<[string, HyperError]>([
    ['of the first address', of('CONNECT', { cause: new AggregateError([refused, system('ENETUNREACH')]) })],
    ['behind other errors', of('CONNECT', { cause: of('PROXY', { cause: of('IO', { cause: refused }) }) })],
    ['the innermost', of('CONNECT', { cause: Object.assign(system('ELATER'), { cause: refused }) })],
  ])('%s', (_, error) => {
    expect(coded(error).code).toBe('ECONNREFUSED')
  })

  test.each<[ErrorCode, string]>([
    ['CONNECT', 'UND_ERR_SOCKET'],
    ['DNS', 'ENOTFOUND'],
    ['TLS', 'UND_ERR_SOCKET'],
    ['IO', 'UND_ERR_SOCKET'],
  ])('or nothing: %s', (code, expected) => {
    expect(coded(of(code, { cause: new Error('no code') })).code).toBe(expected)
  })

  test('a certificate', () => {
    expect(coded(of('TLS', { cause: system('DEPTH_ZERO_SELF_SIGNED_CERT') })).code).toBe(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    )
  })

  test('does not matter where nothing was asked of it', () => {
    expect(coded(of('HEADERS_TIMEOUT', { cause: refused })).code).toBe('UND_ERR_HEADERS_TIMEOUT')
  })

  test('a circle of causes', () => {
    const one = new Error('one')
    one.cause = new Error('two', { cause: one })
    expect(coded(of('IO', { cause: one })).code).toBe('UND_ERR_SOCKET')
    expect(hyperErrorOf(one)).toBe(null)
  })
})

test('a dispatcher that was closed, or destroyed', () => {
  const closed = of('CLOSED', { by: 'user' })
  expect(dispatchErrorOf(closed, 'undici', CLOSED_KIND)).toMatchObject({
    name: 'ClientClosedError',
    code: 'UND_ERR_CLOSED',
  })
  expect(dispatchErrorOf(closed, 'undici', DESTROYED_KIND)).toMatchObject({
    name: 'ClientDestroyedError',
    code: 'UND_ERR_DESTROYED',
  })
})

test('what a body has thrown is told as it was thrown', () => {
  const thrown = new RangeError('mine')
  expect(dispatchErrorOf(of('BODY_FAILED', { cause: thrown }), 'undici')).toBe(thrown)
  expect(dispatchErrorOf(of('BODY_FAILED', { cause: 'words' }), 'undici')).toMatchObject({
    code: 'BODY_FAILED',
  })
})

test('hyper’s own codes: the error itself, which passes for one of undici', () => {
  const error = of('HEADERS_TIMEOUT')
  const told = dispatchErrorOf(error, 'hyper')
  expect(told).toBe(error)
  expect(told).toMatchObject({ code: 'HEADERS_TIMEOUT' })
  expect(Reflect.get(told, Symbol.for('undici.error.UND_ERR_HEADERS_TIMEOUT'))).toBe(true)
  expect(Reflect.get(told, Symbol.for('undici.error.UND_ERR'))).toBe(true)
})

test('a changed one is still coded, and so is what it stands on', () => {
  const error = of('CONNECT', { unanswered: true, cause: system('ECONNREFUSED', { port: 1 }) })
  const told = coded(error)
  expect(told.unanswered).toBe(true)
  const copy = told.with({ attempts: 5, message: 'other' })
  expect(copy).toMatchObject({ code: 'ECONNREFUSED', port: 1, attempts: 5, message: 'other', address: 'a:1' })
  expect(hyperErrorOf(copy)).toMatchObject({ code: 'CONNECT', attempts: 5, message: 'other' })
  expect([told.attempts, told.message]).toEqual([2, 'what happened: CONNECT'])
  const late = coded(of('HEADERS_TIMEOUT')).with({ retryable: true })
  expect(late).toMatchObject({
    name: 'HeadersTimeoutError',
    code: 'UND_ERR_HEADERS_TIMEOUT',
    retryable: true,
  })
  expect(Reflect.get(late, Symbol.for('undici.error.UND_ERR_HEADERS_TIMEOUT'))).toBe(true)
})

test('hyperErrorOf: behind whatever a fetch fails with', () => {
  const error = of('HEADERS_TIMEOUT')
  expect(hyperErrorOf(new TypeError('fetch failed', { cause: coded(error) }))).toBe(error)
  expect(hyperErrorOf(coded(error))).toBe(error)
  expect(hyperErrorOf(error)).toBe(error)
  expect(hyperErrorOf(new TypeError('other'))).toBe(null)
  expect(hyperErrorOf('words')).toBe(null)
})
