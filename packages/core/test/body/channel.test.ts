import { expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import { HeaderMap } from '../../src/http/index.ts'
import { bytes, failure, record, settled } from './record.ts'

test('sends wait for room, in order', async () => {
  const { body, sender } = channel()
  const done: string[] = []
  for (const text of ['a', 'b', 'c']) void sender.send(text).then(() => done.push(text))
  expect(sender.trySend('out of turn')).toBe(false)
  await settled()
  expect(done).toEqual(['a'])
  const iterator = body[Symbol.asyncIterator]()
  const read: string[] = []
  for (let i = 0; i < 3; i++) read.push(Buffer.from((await iterator.next()).value as Uint8Array).toString())
  await settled()
  expect(done).toEqual(['a', 'b', 'c'])
  expect(read).toEqual(['a', 'b', 'c'])
  sender.end()
  expect((await iterator.next()).done).toBe(true)
})

test('room comes back chunk by chunk, not only when all is read', async () => {
  const { body, sender } = channel({ capacity: 3 })
  for (const text of ['a', 'b', 'c']) sender.trySend(text)
  let isSent = false
  void sender.send('d').then(() => {
    isSent = true
  })
  const sink = record(body, () => body.pause())
  await settled()
  expect([sink.log, isSent, sender.capacity]).toEqual([['a'], true, 0])
})

test('end waits for what is still being sent', () => {
  const { body, sender } = channel()
  void sender.send('a')
  void sender.send('b')
  sender.end(new HeaderMap({ sum: '1' }))
  sender.end()
  expect(sender.isClosed).toBe(true)
  expect(record(body).log).toEqual(['a', 'b', 'trailers sum=1', 'end'])
})

test('sending after the end, after trailers, after an abort, after a cancel', async () => {
  const ended = channel()
  ended.sender.end()
  expect((await failure(ended.sender.send('x'))).code).toBe('INVALID_STATE')
  expect(ended.sender.trySend('x')).toBe(false)
  expect(() => ended.sender.sendTrailers(new HeaderMap())).toThrow(
    expect.objectContaining({ code: 'INVALID_STATE' }),
  )
  const trailed = channel()
  trailed.sender.sendTrailers(new HeaderMap({ a: '1' }))
  expect((await failure(trailed.sender.send('x'))).code).toBe('INVALID_STATE')
  const aborted = channel()
  aborted.sender.trySend('a')
  const waiting = aborted.sender.send('b')
  aborted.sender.abort()
  aborted.sender.abort()
  aborted.sender.end()
  expect((await failure(waiting)).code).toBe('BODY_WRITE_ABORTED')
  expect((await failure(aborted.sender.send('x'))).code).toBe('BODY_WRITE_ABORTED')
})

test('a send that nobody waits for is no unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const { body, sender } = channel()
  void sender.send('a')
  void sender.send('b')
  body.cancel()
  void sender.send('c')
  await settled()
  await settled()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

test('closed resolves when the reader is through', async () => {
  const { body, sender } = channel()
  let isClosed = false
  void sender.closed.then(() => {
    isClosed = true
  })
  sender.trySend('a')
  sender.end()
  await settled()
  expect(isClosed).toBe(false)
  await body.text()
  await sender.closed
})

test('wrong chunks and options', async () => {
  const { sender } = channel()
  expect(() => sender.trySend(5 as unknown as string)).toThrow(
    expect.objectContaining({ code: 'INVALID_BODY' }),
  )
  expect((await failure(sender.send(null as unknown as string))).code).toBe('INVALID_BODY')
  for (const options of [{ capacity: 0 }, { capacity: 1.5 }, { length: -1 }, { length: 0.5 }]) {
    expect(() => channel(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  }
})

test('a cancel inside the callback of a chunk that was waiting', async () => {
  const { body, sender } = channel()
  const sends = ['a', 'b', 'c'].map((text) => sender.send(text))
  const sink = record(body, (text) => {
    if (text === 'b') body.cancel('two are enough')
  })
  expect(sink.log).toEqual(['a', 'b', 'error CANCELED'])
  await sends[0]
  await sends[1]
  expect((await failure(sends[2]!)).code).toBe('CANCELED')
})

test('empty chunks need no room', async () => {
  const { body, sender } = channel()
  expect(sender.trySend('a')).toBe(true)
  expect(sender.trySend(new Uint8Array(0))).toBe(true)
  await sender.send('')
  sender.end()
  expect(await body.bytes()).toEqual(bytes('a'))
})
