// Node's own global `fetch`, as it is, or on this engine: argument `plain` or `installed`; with `undici.request` of npm over a
// dispatcher of ours: `request`; and what undici hands to such a dispatcher, by itself: `dispatch`.
// undici of npm is loaded for `request` alone: where it is loaded, the platform's fetch runs on its agent.
import { type HyperDispatcher, install, toDispatcher } from '@hyper/client/undici'
import type { Dispatcher } from 'undici'
import { connections, fail, HELLO, meter, port, runLoops } from './common.ts'

const origin = `http://127.0.0.1:${port}`
const url = `${origin}/`
const options = { origin, path: '/', method: 'GET' } as const

class Handler {
  private readonly dispatcher: HyperDispatcher
  private readonly startedAt: number
  private text: string

  constructor(dispatcher: HyperDispatcher) {
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
    this.dispatcher.dispatch(options, new Handler(this.dispatcher))
  }

  onResponseError(_controller: unknown, error: Error): void {
    fail(error)
  }
}

switch (process.argv[6]) {
  case 'installed':
    install()
    runLoops(async () => (await fetch(url)).text())
    break
  case 'plain':
    runLoops(async () => (await fetch(url)).text())
    break
  case 'request': {
    const { request } = await import('undici')
    const dispatcher: Dispatcher = toDispatcher()
    runLoops(async () => (await request(url, { dispatcher })).body.text())
    break
  }
  case 'dispatch': {
    const dispatcher = toDispatcher()
    for (let slot = 0; slot < connections; slot += 1) dispatcher.dispatch(options, new Handler(dispatcher))
    meter.run()
    break
  }
  default:
    fail('plain, installed, request or dispatch?')
}
