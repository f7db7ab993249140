// undici over one HTTP/2 connection without TLS: argument `dispatch` (its lowest interface) or `request`.
import { H2CClient } from 'undici'
import { connections, fail, HELLO, meter, port, runLoops } from './common.ts'

const client = new H2CClient(`http://127.0.0.1:${port}`, { maxConcurrentStreams: 100, pipelining: 100 })
const options = { path: '/', method: 'GET' } as const

class Handler {
  private readonly startedAt: number
  private text: string

  constructor() {
    this.startedAt = performance.now()
    this.text = ''
  }

  onRequestStart(): void {}

  onResponseStart(): void {}

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.text += chunk.toString('latin1')
  }

  onResponseEnd(): void {
    if (this.text !== HELLO) fail('another answer')
    meter.answered(this.startedAt)
    dispatch()
  }

  onResponseError(_controller: unknown, error: Error): void {
    fail(error)
  }
}

if (process.argv[6] === 'dispatch') {
  for (let slot = 0; slot < connections; slot += 1) dispatch()
  meter.run()
} else runLoops(async () => (await client.request(options)).body.text())

function dispatch(): void {
  client.dispatch(options, new Handler())
}
