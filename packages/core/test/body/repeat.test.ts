import { describe, expect, test } from 'vitest'
import { Body, channel, EMPTY_BODY, limitBody, repeat, withTrailers } from '../../src/body/index.ts'
import { HeaderMap } from '../../src/http/index.ts'

// Bodies that can be had again.

describe('again', () => {
  test('the empty body is the same one', () => {
    expect(EMPTY_BODY.again()).toBe(EMPTY_BODY)
  })

  test('text and bytes, also when they were read or cancelled', async () => {
    for (const content of ['grün', new TextEncoder().encode('grün')]) {
      const body = Body.from(content)
      expect(await body.text()).toBe('grün')
      const again = body.again()!
      expect([again.sizeHint, again.used]).toEqual([{ lower: 5, upper: 5 }, false])
      again.cancel()
      expect(await again.again()!.text()).toBe('grün')
    }
  })

  test('with trailers, also those that a function makes', async () => {
    let made = 0
    const trailers = (): HeaderMap => new HeaderMap([['x-n', String(++made)]])
    const body = withTrailers(Body.from('a'), trailers)
    for (const each of [body, body.again()!, body.again()!.again()!]) {
      expect([each.mayHaveTrailers, await each.text()]).toEqual([true, 'a'])
    }
    expect(made).toBe(3)
  })

  test('what is read once cannot be had again', () => {
    expect(Body.from(['a']).again()).toBe(null)
    expect(channel().body.again()).toBe(null)
    expect(withTrailers(channel().body, new HeaderMap()).again()).toBe(null)
    expect(limitBody(Body.from('a'), 5).again()).toBe(null)
  })
})

describe('repeat', () => {
  test('makes a body when it is first needed, and anew for each time', async () => {
    let made = 0
    const body = repeat(() => [`${++made}`])
    expect([made, body.used]).toEqual([0, false])
    const again = body.again()!
    expect([await body.text(), await again.text(), made, body.used]).toEqual(['1', '2', 2, true])
    expect(await again.again()!.text()).toBe('3')
  })

  test('is as what it makes: its size, its end, its trailers', async () => {
    const trailers = new HeaderMap([['x-a', '1']])
    const body = repeat(() => withTrailers(Body.from('abc'), trailers))
    expect([body.sizeHint, body.isEnd, body.mayHaveTrailers]).toEqual([{ lower: 3, upper: 3 }, false, true])
    expect(await body.text()).toBe('abc')
    expect((await body.trailers)?.get('x-a')).toBe('1')
    const empty = repeat(() => '')
    expect([empty.isEnd, empty.sizeHint]).toEqual([true, { lower: 0, upper: 0 }])
  })

  test('pauses and goes on', () => {
    const heard: string[] = []
    const body = repeat(() => ['a', 'b'])
    body.pause()
    body.start({
      onData: (chunk) => void heard.push(new TextDecoder().decode(chunk)),
      onTrailers: () => undefined,
      onEnd: () => void heard.push('end'),
      onError: () => void heard.push('error'),
    })
    expect(heard).toEqual([])
    body.resume()
    expect(heard).toEqual(['a', 'b', 'end'])
  })

  test('what the function throws fails the body, and not its caller', async () => {
    const body = repeat(() => {
      throw new Error('no')
    })
    expect(body.sizeHint).toEqual({ lower: 0, upper: null })
    await expect(body.text()).rejects.toMatchObject({ code: 'BODY_FAILED', cause: new Error('no') })
    expect(await body.trailers).toBe(null)
    const used = Body.from('a')
    await used.text()
    await expect(repeat(() => used).text()).rejects.toMatchObject({ code: 'BODY_FAILED' })
    await expect(repeat(() => 5 as never).text()).rejects.toMatchObject({ code: 'BODY_FAILED' })
  })

  test('once: it is read, or it is cancelled', async () => {
    const body = repeat(() => 'a')
    await body.text()
    await expect(body.text()).rejects.toMatchObject({ code: 'BODY_USED' })
    let made = 0
    const cancelled = repeat(() => {
      made++
      return 'a'
    })
    cancelled.cancel()
    await expect(cancelled.text()).rejects.toMatchObject({ code: 'BODY_USED' })
    expect([made, await cancelled.again()!.text()]).toEqual([0, 'a'])
  })

  test('cancelled on the way, its source is told', () => {
    const { body: source, sender } = channel()
    const body = repeat(() => source)
    body.start({
      onData: () => undefined,
      onTrailers: () => undefined,
      onEnd: () => undefined,
      onError: () => undefined,
    })
    body.cancel()
    expect(sender.isClosed).toBe(true)
  })
})
