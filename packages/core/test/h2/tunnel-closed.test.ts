import { frames, toText } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { upgraded } from '../../src/drive/upgraded.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Io, IoSink } from '../../src/rt/index.ts'
import { dialled, type Dialled } from './dial-kit.ts'
import { served, type Served } from './serve-kit.ts'

// A tunnel whose end was let go (`close`) while the peer goes on: what was written still goes out, nothing more is told,
// nothing that comes is held, and the stream ends in time.

const { data, headers, response, rst, settings, windowUpdate } = frames

class Log implements IoSink {
  readonly lines: string[] = []
  onChunk: (() => void) | null = null

  onData(chunk: Uint8Array): boolean {
    this.lines.push(toText(chunk))
    this.onChunk?.()
    return false
  }

  onEnd(): void {
    this.lines.push('end')
  }

  onDrain(): void {
    this.lines.push('drain')
  }

  onWriteError(): void {
    this.lines.push('write error')
  }

  onClose(error: Error | null): void {
    this.lines.push(error === null ? 'close' : 'close by an error')
  }
}

interface Tunnel {
  readonly io: Io
  readonly log: Log
  readonly it: Dialled | Served
  /** Bytes from the peer. @returns what was written */
  readonly send: (...parts: Uint8Array[]) => Promise<string[]>
  readonly stop: string
}

async function fromClient(window: number): Promise<Tunnel> {
  const it = await dialled({}, settings({ initialWindowSize: window }))
  const box = it.request({ method: 'CONNECT', target: 'b:1', headers: {} })
  await it.receive(response(1))
  const { io } = await upgraded(box.response)
  return begun(io, it, (...parts) => it.receive(...parts), 'RST_STREAM 1 CANCEL')
}

async function fromServer(window: number): Promise<Tunnel> {
  const taken = Promise.withResolvers<Io>()
  const it = await served((_request, exchange) => {
    void exchange.upgrade().then(({ io }) => taken.resolve(io))
    return new HttpResponse()
  })
  const fields: [string, string][] = [
    [':method', 'CONNECT'],
    [':authority', 'b:1'],
  ]
  await it.send(settings({ initialWindowSize: window }), headers(1, fields))
  return begun(await taken.promise, it, (...parts) => it.send(...parts), 'RST_STREAM 1 NO_ERROR')
}

function begun(io: Io, it: Dialled | Served, send: Tunnel['send'], stop: string): Tunnel {
  const log = new Log()
  io.start(log)
  return { io, log, it, send, stop }
}

const streams = ({ it }: Tunnel): number => it.connection.machine.streams.size
const unconsumed = ({ it }: Tunnel): number => it.connection.machine.unconsumed

for (const [side, open] of [
  ['client', fromClient],
  ['server', fromServer],
] as const) {
  test(`${side}: what was written goes out, and the stream ends with the peer’s half`, async () => {
    const tunnel = await open(5)
    const { io, log, send } = tunnel
    io.write('last words')
    io.close()
    expect(await send(data(1, 'late'))).toEqual(['DATA 1 last'])
    expect(log.lines).toEqual(['close'])
    expect(await send(windowUpdate(1, 10), data(1, 'later'))).toEqual(['DATA 1 end words'])
    expect([log.lines, streams(tunnel), unconsumed(tunnel)]).toEqual([['close'], 1, 0])
    await send(data(1, '', { endStream: true }))
    expect([log.lines, streams(tunnel)]).toEqual([['close'], 0])
  })

  test(`${side}: a peer that goes on for long is told to stop`, async () => {
    for (const way of ['much', 'slow'] as const) {
      const tunnel = await open(100)
      tunnel.io.close()
      expect(await tunnel.send(data(1, 'x'))).toEqual(['DATA 1 end'])
      const lines: string[] = []
      if (way === 'slow') {
        for (let second = 0; second < 4; second++) lines.push(...(await tunnel.it.after(1_000)))
      } else {
        for (let frame = 0; frame < 5; frame++)
          lines.push(...(await tunnel.send(data(1, 'x'.repeat(16_384)))))
      }
      expect(lines).toEqual([tunnel.stop])
      expect([tunnel.log.lines, streams(tunnel), unconsumed(tunnel)]).toEqual([['close'], 0, 0])
    }
  })

  test(`${side}: closed from within onData, with more behind it`, async () => {
    const tunnel = await open(100)
    tunnel.log.onChunk = () => tunnel.io.close()
    await tunnel.send(data(1, 'one'), data(1, 'two'), data(1, 'three', { endStream: true }))
    expect([tunnel.log.lines, streams(tunnel), unconsumed(tunnel)]).toEqual([['one', 'close'], 0, 0])
  })

  test(`${side}: closed while paused, with bytes held`, async () => {
    const tunnel = await open(100)
    tunnel.io.pause()
    await tunnel.send(data(1, 'held'))
    expect(unconsumed(tunnel)).toBe(4)
    tunnel.io.close()
    await tunnel.send(rst(1))
    tunnel.io.resume()
    await tunnel.send()
    expect([tunnel.log.lines, streams(tunnel), unconsumed(tunnel)]).toEqual([['close'], 0, 0])
  })

  test(`${side}: ended and reset while paused`, async () => {
    const tunnel = await open(100)
    tunnel.io.pause()
    await tunnel.send(data(1, 'held', { endStream: true }), rst(1, 'CANCEL'))
    tunnel.io.resume()
    await tunnel.send()
    expect([tunnel.log.lines, streams(tunnel), unconsumed(tunnel)]).toEqual([['close by an error'], 0, 0])
  })

  test(`${side}: ended by both, the end told last`, async () => {
    const tunnel = await open(100)
    tunnel.io.end()
    await tunnel.send(data(1, 'x', { endStream: true }))
    tunnel.io.end()
    tunnel.io.close()
    tunnel.io.abort()
    await tunnel.send()
    expect([tunnel.log.lines, streams(tunnel)]).toEqual([['x', 'end', 'close'], 0])
  })

  test(`${side}: a peer that gives no credit for the last words is not waited for`, async () => {
    const tunnel = await open(0)
    tunnel.io.write('never')
    tunnel.io.close()
    expect(await tunnel.send()).toEqual([])
    const lines: string[] = []
    for (let second = 0; second < 32; second++) lines.push(...(await tunnel.it.after(1_000)))
    expect(lines).toEqual(['RST_STREAM 1 CANCEL'])
    expect([tunnel.log.lines, streams(tunnel)]).toEqual([['close'], 0])
  })
}
