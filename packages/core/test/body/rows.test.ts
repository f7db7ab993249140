import { describe, expect, test } from 'vitest'
import {
  Body,
  channel,
  EMPTY_BODY,
  fuse,
  limitBody,
  StreamFramesBody,
  withTrailers,
} from '../../src/body/index.ts'
import type { BodySink, Frame, SizeHint } from '../../src/body/index.ts'
import { userError } from '../../src/error/index.ts'
import { HeaderMap } from '../../src/http/index.ts'
import { bytes, failure, record, settled } from './record.ts'

const trailers = (fields: { [name: string]: string }): HeaderMap => new HeaderMap(fields)
const data = (text: string): Frame => ({ type: 'data', data: bytes(text) })
const tail = (fields: { [name: string]: string }): Frame => ({ type: 'trailers', trailers: trailers(fields) })

describe('channel', () => {
  test('row 164: size hints: empty is 0 exact, a channel unknown, a sized channel exact', () => {
    expect(EMPTY_BODY.sizeHint).toEqual({ lower: 0, upper: 0 })
    expect(channel().body.sizeHint).toEqual({ lower: 0, upper: null })
    const { body, sender } = channel({ length: 4 })
    expect(body.sizeHint).toEqual({ lower: 4, upper: 4 })
    sender.trySend(bytes('abc'))
    expect(body.sizeHint).toEqual({ lower: 4, upper: 4 })
    record(body)
    expect(body.sizeHint).toEqual({ lower: 1, upper: 1 })
  })

  test('row 165: abort surfaces as BODY_WRITE_ABORTED', async () => {
    const { body, sender } = channel()
    const cause = new Error('why')
    sender.abort(cause)
    const error = await failure(body.bytes())
    expect(error).toMatchObject({ code: 'BODY_WRITE_ABORTED', by: 'user', cause })
    expect(error.isBodyWriteAborted()).toBe(true)
    expect(sender.isClosed).toBe(true)
  })

  test('row 165: abort on a full channel: the data comes first', () => {
    const { body, sender } = channel()
    expect(sender.trySend(bytes('chunk'))).toBe(true)
    expect(sender.trySend(bytes('no room'))).toBe(false)
    sender.abort()
    expect(record(body).log).toEqual(['chunk', 'error BODY_WRITE_ABORTED'])
  })

  test('row 166: one chunk of look-ahead', async () => {
    const { body, sender } = channel()
    expect(sender.trySend('one')).toBe(true)
    expect(sender.trySend('two')).toBe(false)
    const iterator = body[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual(bytes('one'))
    expect(sender.trySend('two')).toBe(true)
    expect(sender.trySend('three')).toBe(false)
    expect((await iterator.next()).value).toEqual(bytes('two'))
  })

  test('row 166: a channel that is ended at once is an empty body', async () => {
    const { body, sender } = channel()
    sender.end()
    expect(body.isEnd).toBe(true)
    expect(await body.bytes()).toEqual(new Uint8Array(0))
  })

  test('row 167: on demand, the sender is not ready until the body is read', async () => {
    const { body, sender } = channel({ onDemand: true })
    let isReady: boolean | null = null
    const ready = sender.ready().then((value) => {
      isReady = value
    })
    expect(sender.trySend('early')).toBe(false)
    expect(sender.capacity).toBe(0)
    await settled()
    expect(isReady).toBe(null)
    const sink = record(body)
    await ready
    expect(isReady).toBe(true)
    expect(sender.trySend('now')).toBe(true)
    expect(sink.log).toEqual(['now'])
  })

  test('row 167: otherwise ready at once', async () => {
    const { sender } = channel()
    expect(await sender.ready()).toBe(true)
    expect(sender.capacity).toBe(1)
  })

  test('row 167: the sender notices that the reader has gone', async () => {
    for (const onDemand of [true, false]) {
      const { body, sender } = channel({ onDemand })
      if (!onDemand) sender.trySend('fills')
      const ready = sender.ready()
      const sent = sender.send('waits')
      body.cancel('enough')
      expect(await ready).toBe(false)
      expect(await failure(sent)).toMatchObject({ code: 'CANCELED', cause: 'enough' })
      await sender.closed
      expect(sender.isClosed).toBe(true)
      expect(await sender.ready()).toBe(false)
    }
  })

  test('row 353: data, trailers, both', async () => {
    const both = channel({ capacity: 4 })
    both.sender.trySend('da')
    both.sender.trySend('ta')
    both.sender.sendTrailers(trailers({ check: '1' }))
    both.sender.end()
    expect(record(both.body).log).toEqual(['da', 'ta', 'trailers check=1', 'end'])

    const only = channel()
    only.sender.end(trailers({ check: '2' }))
    expect(only.body.isEnd).toBe(false)
    expect(record(only.body).log).toEqual(['trailers check=2', 'end'])
    expect((await only.body.trailers)?.get('check')).toBe('2')

    const plain = channel()
    plain.sender.trySend('data')
    plain.sender.end()
    expect(record(plain.body).log).toEqual(['data', 'end'])
    expect(await plain.body.trailers).toBe(null)
  })

  test('row 353: trySend on a full channel leaves the chunk with its owner', () => {
    const { body, sender } = channel({ capacity: 2 })
    expect(sender.maxCapacity).toBe(2)
    expect([sender.trySend('a'), sender.trySend('b'), sender.trySend('c')]).toEqual([true, true, false])
    expect(sender.capacity).toBe(0)
    const sink = record(body)
    expect(sender.capacity).toBe(2)
    expect(sender.trySend('c')).toBe(true)
    expect(sink.log).toEqual(['a', 'b', 'c'])
  })

  test('row 353: abort before trailers reaches the reader', async () => {
    const { body, sender } = channel({ capacity: 2 })
    sender.trySend('data')
    sender.abort()
    expect(() => sender.sendTrailers(trailers({ late: '1' }))).toThrow(
      expect.objectContaining({ code: 'BODY_WRITE_ABORTED' }),
    )
    expect(record(body).log).toEqual(['data', 'error BODY_WRITE_ABORTED'])
    expect(await body.trailers).toBe(null)
  })

  test('row 353: abort after trailers reaches the reader', async () => {
    const { body, sender } = channel({ capacity: 2 })
    sender.trySend('data')
    sender.sendTrailers(trailers({ check: '1' }))
    sender.abort()
    expect(record(body).log).toEqual(['data', 'trailers check=1', 'error BODY_WRITE_ABORTED'])
    expect(await body.trailers).toBe(null)
  })
})

describe('limit', () => {
  test('row 351: under the limit passes', async () => {
    const body = limitBody(Body.from('testing'), 8)
    expect(body.sizeHint).toEqual({ lower: 7, upper: 7 })
    expect(await body.text()).toBe('testing')
    expect(await limitBody(Body.from('exactly!'), 8).text()).toBe('exactly!')
  })

  test('row 351: a first chunk over the limit fails', () => {
    const sink = record(limitBody(Body.from('testing a string that is too long'), 8))
    expect(sink.log).toEqual(['error BODY_TOO_LARGE'])
    expect(sink.error).toMatchObject({ by: 'peer', statusHint: 413, phase: 'body' })
    expect(sink.error?.isParseTooLarge()).toBe(true)
  })

  test('row 351: a later chunk over the limit comes after those before it, and the source is cancelled', async () => {
    let returned = false
    async function* source(): AsyncGenerator<string> {
      try {
        yield 'testing '
        yield 'a string '
        yield 'never'
      } finally {
        returned = true
      }
    }
    const seen: Uint8Array[] = []
    const body = limitBody(Body.from(source()), 8)
    const error = await failure(
      (async () => {
        for await (const chunk of body) seen.push(chunk)
      })(),
    )
    expect(seen).toEqual([bytes('testing ')])
    expect(error.code).toBe('BODY_TOO_LARGE')
    await settled()
    expect(returned).toBe(true)
  })

  test('row 351: errors and trailers of the body below pass', () => {
    const failing = channel()
    failing.sender.abort()
    expect(record(limitBody(failing.body, 8)).log).toEqual(['error BODY_WRITE_ABORTED'])
    const fine = withTrailers(Body.from('12345678'), trailers({ check: 'ok' }))
    expect(record(limitBody(fine, 8)).log).toEqual(['12345678', 'trailers check=ok', 'end'])
  })
})

describe('collect', () => {
  test('row 352: a full body', async () => {
    const collected = await Body.from('hello').collect()
    expect(collected.length).toBe(5)
    expect(collected.bytes()).toEqual(bytes('hello'))
    expect(collected.bytes()).toBe(collected.bytes())
    expect(collected.trailers).toBe(null)
  })

  test('row 352: several frames, and frames that come late', async () => {
    const segmented = await Body.from(['hello', ' ', 'wor', 'ld']).collect()
    expect(segmented.text()).toBe('hello world')
    const { body, sender } = channel()
    const collecting = body.collect()
    for (const part of ['late ', 'and ', 'later']) {
      await settled()
      await sender.send(part)
    }
    sender.end()
    expect((await collecting).text()).toBe('late and later')
  })

  test('row 352: empty frames are left out', async () => {
    expect(record(Body.from([new Uint8Array(0), 'a', '', 'b', ''])).log).toEqual(['a', 'b', 'end'])
    expect(await Body.from(['', new Uint8Array(0)]).bytes()).toEqual(new Uint8Array(0))
  })

  test('row 352: trailers are kept, several sections merged', async () => {
    const frames = [data('hello'), tail({ this: 'a trailer' }), tail({ and: 'another' })]
    const collected = await new StreamFramesBody(frames).collect()
    expect(collected.text()).toBe('hello')
    expect([...(collected.trailers ?? [])]).toEqual([
      ['this', 'a trailer'],
      ['and', 'another'],
    ])
  })
})

describe('trailers', () => {
  test('row 354: trailers after a body that has none', async () => {
    const body = withTrailers(Body.from('hello'), trailers({ check: 'sum' }))
    expect(body.isEnd).toBe(false)
    expect(record(body).log).toEqual(['hello', 'trailers check=sum', 'end'])
    expect((await body.trailers)?.get('check')).toBe('sum')
    const late = withTrailers(Body.from('hello'), () => Promise.resolve(trailers({ late: '1' })))
    const sink = record(late)
    await settled()
    expect(sink.log).toEqual(['hello', 'trailers late=1', 'end'])
  })

  test('row 354: merged with those of the body below, which stay as they are', () => {
    const own = trailers({ foo: 'bar' })
    const extra = trailers({ baz: 'xyz', foo: 'again' })
    const frames: Frame[] = [data('hello'), { type: 'trailers', trailers: own }]
    const body = withTrailers(new StreamFramesBody(frames), extra)
    expect(record(body).log).toEqual(['hello', 'trailers foo=bar&baz=xyz&foo=again', 'end'])
    expect([...own]).toEqual([['foo', 'bar']])
    expect(extra.size).toBe(2)
  })

  test('trailers that cannot be made fail the body', async () => {
    const cause = new Error('no sum')
    const thrown = withTrailers(Body.from('x'), () => {
      throw cause
    })
    expect(await failure(thrown.text())).toMatchObject({ code: 'BODY_FAILED', cause })
    const rejected = withTrailers(Body.from('x'), () => Promise.reject(cause))
    expect(await failure(rejected.text())).toMatchObject({ code: 'BODY_FAILED', cause })
    expect(record(withTrailers(Body.from('x'), () => null)).log).toEqual(['x', 'end'])
  })
})

/** A body that breaks the contract in the way it is told to. */
class Rude extends Body {
  readonly script: readonly string[]
  private readonly says: boolean
  starts = 0

  constructor(script: readonly string[], says = false) {
    super()
    this.script = script
    this.says = says
  }

  get sizeHint(): SizeHint {
    return { lower: 0, upper: null }
  }

  get isEnd(): boolean {
    return this.says
  }

  start(sink: BodySink): void {
    this.starts++
    for (const line of this.script) {
      if (line === 'end') sink.onEnd()
      else if (line === 'error') sink.onError(userError('BODY_FAILED', null))
      else if (line === 'trailers') sink.onTrailers(trailers({ a: '1' }))
      else sink.onData(bytes(line))
    }
  }

  pause(): void {}
  resume(): void {}
  cancel(): void {}
}

describe('fuse', () => {
  test('row 355: nothing passes after the end', () => {
    expect(record(fuse(new Rude(['a', 'end', 'b', 'end', 'error']))).log).toEqual(['a', 'end'])
    expect(record(fuse(new Rude(['a', 'trailers', 'end', 'trailers']))).log).toEqual([
      'a',
      'trailers a=1',
      'end',
    ])
  })

  test('row 355: nothing passes after an error', () => {
    expect(record(fuse(new Rude(['a', 'error', 'b', 'end', 'error']))).log).toEqual([
      'a',
      'error BODY_FAILED',
    ])
  })

  test('row 355: a body that says that it is at its end is never asked', () => {
    const rude = new Rude(['a', 'b'], true)
    const body = fuse(rude)
    expect(body.isEnd).toBe(true)
    expect(record(body).log).toEqual(['end'])
    expect(rude.starts).toBe(0)
    expect(record(fuse(EMPTY_BODY)).log).toEqual(['end'])
  })

  test('row 355: nothing passes while paused, though the body below does not care', () => {
    const body = fuse(new Rude(['a', '', 'b', 'end']))
    const sink = record(body, () => body.pause())
    expect(sink.log).toEqual(['a'])
    body.resume()
    expect(sink.log).toEqual(['a', 'b'])
    body.resume()
    expect(sink.log).toEqual(['a', 'b', 'end'])
  })
})
