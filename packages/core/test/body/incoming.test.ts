import { describe, expect, test } from 'vitest'
import { Incoming } from '../../src/body/index.ts'
import type { IncomingControl } from '../../src/body/index.ts'
import { HyperError } from '../../src/error/index.ts'
import { HeaderMap } from '../../src/http/index.ts'
import { plainText } from '../../src/rt/index.ts'
import { bytes, failure, record, Record, settled } from './record.ts'

class Control implements IncomingControl {
  readonly log: unknown[] = []
  onWanted: (() => void) | null = null

  wanted(): void {
    this.log.push('wanted')
    this.onWanted?.()
  }

  cancelled(reason: unknown): void {
    this.log.push('cancelled', reason)
  }
}

function incoming(length: number | null = null): { body: Incoming; control: Control } {
  const control = new Control()
  return { body: new Incoming(control, length, plainText), control }
}

const lost = (): HyperError => new HyperError('INCOMPLETE_MESSAGE', null, { by: 'peer', phase: 'body' })

test('one chunk of look-ahead before the body is started', () => {
  const { body, control } = incoming()
  expect(body.push(bytes('a'))).toBe(false)
  expect(control.log).toEqual([])
  const sink = record(body)
  expect(control.log).toEqual(['wanted'])
  expect(sink.log).toEqual(['a'])
  expect(body.push(bytes('b'))).toBe(true)
  body.pushEnd(null)
  expect(sink.log).toEqual(['a', 'b', 'end'])
  expect(control.log).toEqual(['wanted'])
})

test('a driver that goes on in spite of false loses nothing', () => {
  const { body } = incoming()
  for (const text of ['a', 'b', 'c']) expect(body.push(bytes(text))).toBe(false)
  body.pushEnd(null)
  expect(record(body).log).toEqual(['a', 'b', 'c', 'end'])
})

test('the first interest is told, before any byte', () => {
  const { body, control } = incoming()
  const sink = record(body)
  expect(control.log).toEqual(['wanted'])
  expect(sink.log).toEqual([])
})

test('pausing inside a callback: one more chunk is taken, and wanted comes once it has left', () => {
  const { body, control } = incoming()
  const sink = record(body, () => body.pause())
  expect(body.push(bytes('a'))).toBe(true)
  expect(body.push(bytes('b'))).toBe(false)
  expect(sink.log).toEqual(['a'])
  body.resume()
  expect(sink.log).toEqual(['a', 'b'])
  expect(control.log).toEqual(['wanted', 'wanted'])
  body.resume()
  expect(control.log).toEqual(['wanted', 'wanted'])
})

test('pausing between chunks without push having said false asks for nothing', () => {
  const { body, control } = incoming()
  record(body)
  body.pause()
  body.resume()
  expect(control.log).toEqual(['wanted'])
})

test('pause and resume within one callback: the flow goes on', () => {
  const { body } = incoming()
  const sink = record(body, () => {
    body.pause()
    body.resume()
  })
  expect(body.push(bytes('a'))).toBe(true)
  expect(sink.log).toEqual(['a'])
})

test('calls never overlap when wanted pushes at once', () => {
  const { body, control } = incoming()
  let left = 3
  control.onWanted = () => {
    while (left > 0 && body.push(bytes(String(left--))));
    if (left === 0) body.pushEnd(null)
  }
  const sink = new Record()
  sink.onChunk = () => {
    body.pause()
    body.resume()
  }
  body.start(sink)
  expect(sink.log).toEqual(['3', '2', '1', 'end'])
})

test('pushing from within the sink is held until the call has returned', () => {
  const { body } = incoming()
  let nested: boolean | null = null
  const sink = record(body, (text) => {
    if (text === 'a') {
      nested = body.push(bytes('b'))
      body.pushEnd(null)
    }
  })
  body.push(bytes('a'))
  expect(sink.log).toEqual(['a', 'b', 'end'])
  expect(nested).toBe(false)
})

test('a body that has failed will have no trailers, although nobody reads it', async () => {
  const { body } = incoming()
  body.push(bytes('a'))
  const trailers = body.trailers
  body.pushError(lost())
  expect(await trailers).toBe(null)
  // It can still be read, up to its error.
  expect(body.used).toBe(false)
  expect(record(body).log).toEqual(['a', 'error INCOMPLETE_MESSAGE'])
})

test('trailers, the end and an error wait while paused', () => {
  const { body } = incoming()
  const sink = record(body)
  body.pause()
  body.pushEnd(new HeaderMap({ sum: '1' }))
  expect(sink.log).toEqual([])
  expect(body.isEnd).toBe(false)
  sink.onChunk = () => body.pause()
  body.resume()
  expect(sink.log).toEqual(['trailers sum=1'])
  body.resume()
  expect(sink.log).toEqual(['trailers sum=1', 'end'])
  expect(body.isEnd).toBe(true)
})

test('an error comes after the data that was there before it', async () => {
  const { body } = incoming()
  body.push(bytes('a'))
  body.pushError(lost())
  const sink = record(body)
  expect(sink.log).toEqual(['a', 'error INCOMPLETE_MESSAGE'])
  expect(await body.trailers).toBe(null)
})

test('nothing passes after the end or the error, and the control is left alone', () => {
  const { body, control } = incoming()
  const sink = record(body)
  body.pushEnd(null)
  expect(body.push(bytes('late'))).toBe(true)
  body.pushEnd(null)
  body.pushError(lost())
  body.cancel()
  body.resume()
  expect(sink.log).toEqual(['end'])
  expect(control.log).toEqual(['wanted'])
})

test('cancelling what the driver has ended already tells the driver nothing', async () => {
  const { body, control } = incoming()
  body.push(bytes('a'))
  body.pushEnd(new HeaderMap({ a: '1' }))
  body.cancel('no need')
  expect(control.log).toEqual([])
  expect(await body.trailers).toBe(null)
})

test('cancelling inside a callback: CANCELED is the last thing heard', () => {
  const { body, control } = incoming()
  const sink = record(body, () => body.cancel('enough'))
  expect(body.push(bytes('a'))).toBe(true)
  expect(body.push(bytes('b'))).toBe(true)
  body.pushEnd(null)
  body.cancel('again')
  expect(sink.log).toEqual(['a', 'error CANCELED'])
  expect(sink.error?.cause).toBe('enough')
  expect(sink.error?.isCanceled()).toBe(true)
  expect(control.log).toEqual(['wanted', 'cancelled', 'enough'])
})

test('cancelling inside a callback while more is held drops it', () => {
  const { body } = incoming()
  for (const text of ['a', 'b', 'c']) body.push(bytes(text))
  expect(record(body, () => body.cancel()).log).toEqual(['a', 'error CANCELED'])
})

test('cancelling inside onTrailers leaves out the end', async () => {
  const { body, control } = incoming()
  const sink = record(body, () => body.cancel())
  body.pushEnd(new HeaderMap({ a: '1' }))
  expect(sink.log).toEqual(['trailers a=1', 'error CANCELED'])
  expect(control.log).toEqual(['wanted'])
  expect(await body.trailers).toBe(null)
})

test('cancelling with a HyperError hands that to the sink', () => {
  const { body, control } = incoming()
  const error = lost()
  const sink = record(body)
  body.cancel(error)
  expect(sink.error).toBe(error)
  expect(control.log).toEqual(['wanted', 'cancelled', error])
})

test('cancelling before start: no start any more', async () => {
  const { body, control } = incoming()
  body.push(bytes('a'))
  body.cancel('never read')
  expect(control.log).toEqual(['cancelled', 'never read'])
  expect(body.used).toBe(true)
  expect(() => record(body)).toThrow(expect.objectContaining({ code: 'BODY_USED', by: 'user' }))
  expect((await failure(body.text())).code).toBe('BODY_USED')
  expect(body.push(bytes('b'))).toBe(true)
  expect(await body.trailers).toBe(null)
})

test('a body is started once', async () => {
  const { body } = incoming()
  expect(body.used).toBe(false)
  record(body)
  expect(body.used).toBe(true)
  expect(() => record(body)).toThrow(expect.objectContaining({ code: 'BODY_USED' }))
  expect((await failure(body.text())).code).toBe('BODY_USED')
  const iterator = body[Symbol.asyncIterator]()
  expect((await failure(iterator.next())).code).toBe('BODY_USED')
  expect(await iterator.next()).toEqual({ done: true, value: undefined })
})

test('size hints count what the reader has not had', () => {
  const { body } = incoming(5)
  expect(body.sizeHint).toEqual({ lower: 5, upper: 5 })
  body.push(bytes('ab'))
  expect(body.sizeHint).toEqual({ lower: 5, upper: 5 })
  record(body)
  expect(body.sizeHint).toEqual({ lower: 3, upper: 3 })
  body.push(bytes('cde'))
  expect(body.sizeHint).toEqual({ lower: 0, upper: 0 })
  const unknown = incoming().body
  unknown.push(bytes('ab'))
  unknown.push(bytes('c'))
  expect(unknown.sizeHint).toEqual({ lower: 3, upper: null })
  unknown.pushEnd(null)
  expect(unknown.sizeHint).toEqual({ lower: 3, upper: 3 })
})

test('empty chunks are left out', () => {
  const { body } = incoming()
  const sink = record(body)
  expect(body.push(new Uint8Array(0))).toBe(true)
  body.pushEnd(null)
  expect(sink.log).toEqual(['end'])
})

test('the trailers promise: before, during and after', async () => {
  const { body } = incoming()
  const early = body.trailers
  expect(body.trailers).toBe(early)
  body.pushEnd(new HeaderMap({ sum: '9' }))
  let seen: HeaderMap | null | undefined
  void early.then((trailers) => {
    seen = trailers
  })
  await settled()
  expect(seen).toBe(undefined)
  expect(await body.text()).toBe('')
  expect((await early)?.get('sum')).toBe('9')
  const late = incoming().body
  record(late)
  late.pushEnd(new HeaderMap({ sum: '8' }))
  expect((await late.trailers)?.get('sum')).toBe('8')
})

test('a failing body with asked-for trailers gives no unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const { body } = incoming()
  void body.trailers
  record(body)
  body.pushError(lost())
  await settled()
  await settled()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

test('text is decoded by the codec that the driver gave', async () => {
  const codec = { ...plainText, utf8: () => 'decoded elsewhere' }
  const body = new Incoming(new Control(), null, codec)
  body.push(bytes('x'))
  body.pushEnd(null)
  expect(await body.text()).toBe('decoded elsewhere')
})

test('who passes it on leaves room for trailers where no length was said, until it has ended without', () => {
  const sized = new Incoming(new Control(), 1, plainText)
  expect(sized.mayHaveTrailers).toBe(false)
  const plain = new Incoming(new Control(), null, plainText)
  expect(plain.mayHaveTrailers).toBe(true)
  plain.push(bytes('x'))
  plain.pushEnd(null)
  expect([plain.mayHaveTrailers, plain.sizeHint]).toEqual([false, { lower: 1, upper: 1 }])
  const trailed = new Incoming(new Control(), null, plainText)
  trailed.push(bytes('x'))
  trailed.pushEnd(new HeaderMap({ sum: '1' }))
  expect([trailed.mayHaveTrailers, trailed.sizeHint]).toEqual([true, { lower: 1, upper: 1 }])
})

describe('a body that is there to its end', () => {
  function whole(trailers: HeaderMap | null = null): Incoming {
    const { body } = incoming()
    body.push(bytes('[1]'))
    body.pushEnd(trailers)
    return body
  }

  test('is read without a sink', async () => {
    const body = whole()
    const trailers = body.trailers
    const reading = body.json()
    expect([body.used, body.isEnd, body.sizeHint]).toEqual([true, true, { lower: 0, upper: 0 }])
    expect(await reading).toEqual([1])
    expect(await trailers).toBe(null)
    expect(await whole().text()).toBe('[1]')
    expect(await whole().bytes()).toEqual(bytes('[1]'))
    expect((await whole().collect()).text()).toBe('[1]')
    expect(await failure(body.text())).toMatchObject({ code: 'BODY_USED' })
    expect(await failure(whole().text({ limit: 2 }))).toMatchObject({ code: 'BODY_TOO_LARGE' })
  })

  test('and is no JSON rejects with a SyntaxError', async () => {
    const { body } = incoming()
    body.push(bytes('{'))
    body.pushEnd(null)
    await expect(body.json()).rejects.toThrow(SyntaxError)
  })

  test('is not taken in one piece when there is more than that to tell', async () => {
    const trailed = whole(new HeaderMap({ sum: '1' }))
    expect(trailed.takeWhole()).toBe(null)
    expect((await trailed.collect()).trailers?.get('sum')).toBe('1')

    const two = incoming().body
    two.push(bytes('a'))
    two.push(bytes('b'))
    two.pushEnd(null)
    expect(two.takeWhole()).toBe(null)
    expect(await two.text()).toBe('ab')

    const paused = whole()
    paused.pause()
    expect(paused.takeWhole()).toBe(null)
    const reading = paused.text()
    paused.resume()
    expect(await reading).toBe('[1]')

    const open = incoming().body
    open.push(bytes('a'))
    expect(open.takeWhole()).toBe(null)
    open.pushError(lost())
    expect(open.takeWhole()).toBe(null)
    expect(await failure(open.text())).toMatchObject({ code: 'INCOMPLETE_MESSAGE' })
  })

  test('is gone once it was taken, read or cancelled', () => {
    const taken = whole()
    expect(taken.takeWhole()).toEqual(bytes('[1]'))
    const read = whole()
    record(read)
    const cancelled = whole()
    cancelled.cancel()
    for (const body of [taken, read, cancelled]) expect([body.takeWhole(), body.used]).toEqual([null, true])
  })
})

test('an error that is made when somebody hears of it is made once, and for nobody else', () => {
  let made = 0
  const lostLater = (): HyperError => {
    made++
    return lost()
  }
  const { body } = incoming()
  body.push(bytes('a'))
  body.pushError(lostLater)
  expect(made).toBe(0)
  const sink = record(body)
  expect([sink.log, made]).toEqual([['a', 'error INCOMPLETE_MESSAGE'], 1])
})
