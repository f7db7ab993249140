// undici over one pool: argument `dispatch` (its lowest interface), `request` or `fetch`; `dispatch-clients` goes without the
// pool, with one of its clients per connection.
import { Client, fetch, Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { connections, fail, HELLO, meter, port, runLoops } from './common.ts'

const origin = `http://127.0.0.1:${port}`
const pool = new Pool(origin, { connections, pipelining: 1 })
const options = { path: '/', method: 'GET' } as const

class Handler {
  private readonly dispatcher: Dispatcher
  private readonly startedAt: number
  private text: string

  constructor(dispatcher: Dispatcher) {
    this.dispatcher = dispatcher
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
    dispatch(this.dispatcher)
  }

  onResponseError(_controller: unknown, error: Error): void {
    fail(error)
  }
}

switch (process.argv[6]) {
  case 'dispatch':
    for (let slot = 0; slot < connections; slot += 1) dispatch(pool)
    meter.run()
    break
  case 'dispatch-clients':
    for (let slot = 0; slot < connections; slot += 1) dispatch(new Client(origin, { pipelining: 1 }))
    meter.run()
    break
  case 'request':
    runLoops(async () => (await pool.request(options)).body.text())
    break
  case 'fetch':
    runLoops(async () => (await fetch(`${origin}/`, { dispatcher: pool })).text())
    break
  default:
    fail('dispatch, dispatch-clients, request or fetch?')
}

function dispatch(dispatcher: Dispatcher): void {
  dispatcher.dispatch(options, new Handler(dispatcher))
}
