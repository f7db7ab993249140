import { onTestFinished } from 'vitest'
import { Client, type ClientOptions } from '../src/index.ts'
import { RawServer, type Script } from './raw-server.ts'

/** A server in bytes, and a client to ask it; both are gone once the test is over. */
export async function start(
  script: Script,
  options?: ClientOptions,
): Promise<{ server: RawServer; client: Client }> {
  const server = await RawServer.start(script)
  const client = new Client(options)
  onTestFinished(() => {
    client.abort()
    server.close()
  })
  return { server, client }
}
