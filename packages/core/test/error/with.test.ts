import { describe, expect, test } from 'vitest'
import { HyperError, type HyperErrorInit } from '../../src/error/index.ts'

// A copy that says more: everything else of the error stays as it is, also where it is asked by something else than code.

const ALL: Required<HyperErrorInit> = {
  by: 'io',
  phase: 'write',
  retryable: true,
  statusHint: 502,
  address: '192.0.2.1:80',
  attempts: 2,
  elapsedMs: 7,
  reason: 'CANCEL',
  unanswered: true,
  cause: new Error('underneath'),
}

/** Every member, the hidden ones too. */
function membersOf(error: HyperError): Record<string, unknown> {
  const { code, message, name, cause } = error
  return { ...Object.fromEntries(Object.entries(error)), code, message, name, cause }
}

function arise(): HyperError {
  return new HyperError('IO', 'it broke', ALL)
}

describe('with', () => {
  test('nothing: the same in another object', () => {
    const error = arise()
    const copy = error.with({})
    expect(copy).not.toBe(error)
    expect(copy).toBeInstanceOf(HyperError)
    expect(membersOf(copy)).toEqual(membersOf(error))
    expect(copy.stack).toBe(error.stack)
  })

  test.each<[keyof HyperErrorInit, unknown]>([
    ['by', 'peer'],
    ['phase', null],
    ['retryable', false],
    ['statusHint', 0],
    ['address', null],
    ['attempts', 0],
    ['elapsedMs', null],
    ['reason', null],
    ['unanswered', false],
    ['cause', null],
  ])('%s, and nothing else', (name, value) => {
    const error = arise()
    expect(membersOf(error.with({ [name]: value }))).toEqual({ ...membersOf(error), [name]: value })
    expect(membersOf(error.with({ [name]: undefined }))).toEqual(membersOf(error))
    expect(membersOf(error)).toEqual(membersOf(arise()))
  })

  test('another code and text', () => {
    const error = arise()
    const copy = error.with({ code: 'CLOSED', message: 'gone, after 2 retries' })
    expect(membersOf(copy)).toEqual({
      ...membersOf(error),
      code: 'CLOSED',
      message: 'gone, after 2 retries',
    })
    expect([copy.isClosed(), error.isClosed()]).toEqual([true, false])
  })

  test('the stack is that of the place where it arose, under the new text', () => {
    const error = arise()
    const copy = error.with({ message: 'it broke, after 2 retries' }).with({ attempts: 3 })
    expect(copy.stack).toBe(error.stack!.replace('it broke', 'it broke, after 2 retries'))
    expect(copy.stack).toContain('arise')
    expect(Object.keys(copy)).not.toContain('stack')
  })

  test('a stack that does not begin with the text stays as it is', () => {
    const error = arise()
    for (const stack of ['arise@file.ts:1:1', 'at it\nit broke', '']) {
      error.stack = stack
      expect(error.with({ message: 'other' }).stack).toBe(stack)
    }
    const copy = error.with({})
    copy.stack = 'of the test'
    expect([copy.stack, error.stack]).toEqual(['of the test', ''])
  })

  test('the copy does not stand on the original', () => {
    expect(arise().with({ message: 'x' }).cause).toBe(ALL.cause)
    expect('cause' in new HyperError('IO', null, { by: 'io' }).with({})).toBe(false)
  })
})

test('elapsedMs is whole milliseconds, as messages have it', () => {
  const { elapsedMs } = new HyperError('IO', null, { by: 'io', elapsedMs: 1.643 })
  expect(elapsedMs).toBe(2)
  for (const none of [undefined, null])
    expect(new HyperError('IO', null, { by: 'io', elapsedMs: none }).elapsedMs).toBeNull()
})
