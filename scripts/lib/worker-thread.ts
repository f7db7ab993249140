// What vitest asks of the thread that it runs tests in, where a runtime has no such method: Deno refuses
// `parentPort.removeAllListeners`, which is called once, when the thread is about to end.
import { parentPort } from 'node:worker_threads'

if ('Deno' in globalThis && parentPort !== null) {
  const port: NonNullable<typeof parentPort> = parentPort
  port.removeAllListeners = () => port
}
