import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import { dialled, DONE } from './dial-kit.ts'

// A client whose transport takes no more: what has come, or still comes, is read; then the connection is over.

const { data, response } = frames
const FAILED = { code: 'IO', by: 'io', phase: 'write' }

describe('writing has failed', () => {
  test('on a connection without requests: it is over at once', async () => {
    const it = await dialled()
    it.io.failWrites()
    await it.written()
    expect(it.end!.error).toMatchObject(FAILED)
    expect(it.io.released).toBe(true)
    expect(it.runtime.timer.pending).toBe(0)
  })

  test('the answers that still come are whole, and with the last one it is over', async () => {
    const it = await dialled()
    const first = it.request()
    const { sender, body } = channel()
    const second = it.request({ method: 'POST', body })
    await it.written()
    it.io.failWrites()
    await it.written()
    // The rest of the request has nowhere to go.
    await expect(sender.send('x')).rejects.toMatchObject(FAILED)
    expect(it.sender.isClosed).toBe(true)
    await it.receive(DONE(1), response(3, 413), data(3, 'too'))
    expect([first.response.status, second.response.status]).toEqual([200, 413])
    expect(it.end).toBe(null)
    await it.receive(data(3, ' large', { endStream: true }))
    expect(await second.response.text()).toBe('too large')
    expect(it.end!.error).toMatchObject(FAILED)
    expect(it.io.released).toBe(true)
    expect(it.runtime.timer.pending).toBe(0)
  })

  test('an answer that was complete is not waited for again', async () => {
    const it = await dialled()
    const { sender, body } = channel()
    const box = it.request({ method: 'POST', body })
    await it.receive(DONE(1))
    it.io.failWrites()
    await it.written()
    expect(box.response.status).toBe(200)
    await expect(sender.send('x')).rejects.toMatchObject(FAILED)
    expect(it.end!.error).toMatchObject(FAILED)
  })

  test('requests of which nothing was taken may be sent again, the others get their answers', async () => {
    const it = await dialled()
    const first = it.request({ method: 'POST', body: 'x' })
    await it.written()
    const second = it.request({ method: 'POST', body: 'x' })
    const third = it.request({ method: 'POST', body: 'x' })
    await it.runtime.settle()
    // Both of them left in one write, of which the transport has taken nothing.
    it.io.failWrites(undefined, it.io.bytes.length)
    await it.written()
    for (const { error } of [second, third])
      expect(error).toMatchObject({ ...FAILED, retryable: true, unanswered: false })
    await it.receive(DONE(1))
    expect(first.response.status).toBe(200)
    expect(it.end!.error).toMatchObject(FAILED)
  })

  test('a byte of the first of them may have been taken: then of that one nobody knows', async () => {
    const it = await dialled()
    const first = it.request({ method: 'POST', body: 'x' })
    const second = it.request({ method: 'POST', body: 'x' })
    await it.runtime.settle()
    it.io.failWrites(undefined, it.io.bytes.length - 1)
    it.io.feedClose()
    await it.written()
    expect([first.error, second.error]).toMatchObject([
      { ...FAILED, retryable: false, unanswered: true },
      { ...FAILED, retryable: true, unanswered: false },
    ])
    expect(it.runtime.timer.pending).toBe(0)
  })

  test.each(['feedEnd', 'feedClose'] as const)('the answer does not come: %s', async (end) => {
    const it = await dialled()
    const box = it.request()
    await it.written()
    it.io.failWrites()
    it.io[end]()
    await it.written()
    expect(box.error).toMatchObject({ ...FAILED, unanswered: true })
    expect(it.end!.error).toMatchObject(FAILED)
  })
})
