import { describe, expect, test } from 'vitest'
import { HttpRequest } from '../../src/http/index.ts'
import { dialed } from '../parity/wire-kit.ts'

// A response body that is cancelled is skipped when it is short. Its server may never end it.

async function cancelled(): Promise<ReturnType<typeof dialed>> {
  const it = dialed()
  const asked = it.sender.send(new HttpRequest('GET', '/'))
  await it.sent()
  await it.reply('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')
  const response = await asked
  response.body.cancel()
  return it
}

describe('a short body that was cancelled', () => {
  test('comes to its end: the connection goes on, and no clock runs', async () => {
    const it = await cancelled()
    it.runtime.advance(1_900)
    await it.reply('defghij')
    expect(it.sender.isReady).toBe(true)
    it.runtime.advance(100_000)
    await it.sent()
    expect([it.sender.isReady, it.connection.isClosed]).toEqual([true, false])
  })

  test('does not, or drips: the connection ends after 2 s', async () => {
    for (const drip of ['', 'd']) {
      const it = await cancelled()
      it.runtime.advance(1_500)
      if (drip !== '') await it.reply(drip)
      expect(it.connection.isClosed).toBe(false)
      it.runtime.advance(600)
      await it.sent()
      expect(await it.connection.closed).toMatchObject({ error: { code: 'BODY_TIMEOUT' } })
    }
  })
})
