import { expect, test } from 'vitest'
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
