// Attacks that the platform's own server does not stop: proof that they can succeed.
import { expect, test } from 'vitest'
import { FLOOD_ATTACKS } from '../src/attacks/index.ts'
import { startNodeHttp } from './peers/node-http.ts'

test.each([
  'CRLFs before a request without end are stopped',
  'zeros before a chunk size without end are stopped',
])(
  'succeeds against node:http: %s',
  async (name) => {
    const server = await startNodeHttp()
    try {
      const attack = FLOOD_ATTACKS.find((row) => row.name === name)
      // It takes them all, and ends the connection some time later, if at all.
      expect(await attack?.run({ host: '127.0.0.1', port: server.port })).toMatch(
        /^(?:still open after|took) 67\d{6} bytes/,
      )
    } finally {
      await server.close()
    }
  },
  120_000,
)
