import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { H2ClientMachine, type RequestLine } from '../../src/h2/client-machine.ts'
import { CAPACITY_EVENT, CLOSED_EVENT, FAILED, NEED_DATA, RESET_EVENT } from '../../src/h2/event.ts'
import type { H2ClientOptions } from '../../src/h2/options.ts'
import type { Stream } from '../../src/h2/streams/stream.ts'
import { FrameLog } from './read-frames.ts'
import { errorText, NO_FIELDS, Peer } from './server-kit.ts'

// What each number among the options does, in virtual time: once just inside of it and once beyond. What attacks use is
// in abuse.test.ts. The table of docs/limits.md names these tests.

const POST = { method: 'POST' } as const
const BLOCK = [[':method', 'GET']] as const

describe('times of a server', () => {
  test('headerBlockTimeout: a block that does not end', () => {
    const peer = new Peer({ headerBlockTimeout: 500 })
    peer.send(frames.headers(1, BLOCK, { endHeaders: false }))
    expect(peer.after(499)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 0 PROTOCOL_ERROR a field block that does not end'])
    expect(peer.told()).toEqual(['FAILED HEADERS_TIMEOUT', 'CLOSED'])
  })

  test('settingsTimeout: SETTINGS without an answer', () => {
    const peer = new Peer({ settingsTimeout: 500 }, null)
    peer.send(frames.preface, frames.settings())
    expect(peer.after(499)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 0 SETTINGS_TIMEOUT SETTINGS not acknowledged'])
    expect(peer.told()).toEqual(['FAILED SETTINGS_TIMEOUT', 'CLOSED'])
  })

  test('idleTimeout: no streams for so long', () => {
    const peer = new Peer({ idleTimeout: 500 })
    peer.send(frames.request(1))
    expect(peer.after(5_000)).toEqual([])
    peer.respond(1)
    expect(peer.after(499)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 1 NO_ERROR'])
    expect(peer.told()).toEqual(['HEAD 1 GET /', 'CLOSED'])
  })

  test('keepAliveInterval and keepAliveTimeout: a ping, and a peer that does not answer it', () => {
    const peer = new Peer({ keepAliveInterval: 1_000, keepAliveTimeout: 500 })
    expect(peer.after(999)).toEqual([])
    expect(peer.after(1)).toHaveLength(1)
    expect(peer.after(499)).toEqual([])
    expect(peer.after(1)).toEqual(['GOAWAY 0 NO_ERROR ping timeout'])
    expect(peer.told()).toEqual(['FAILED PING_TIMEOUT', 'CLOSED'])
  })

  test('keepAliveInterval: who is heard is not asked', () => {
    const peer = new Peer({ keepAliveInterval: 1_000 })
    peer.after(600)
    peer.send(frames.ping())
    expect(peer.after(999)).toEqual([])
    expect(peer.after(1)).toHaveLength(1)
  })

  test('bodyIdleTimeout: a body that stops', () => {
    const peer = new Peer({ bodyIdleTimeout: 3_000, bodyMinRate: 0 })
    peer.send(frames.request(1, [], POST))
    peer.after(2_000)
    peer.send(frames.data(1, 'x'))
    expect(peer.after(2_000)).toEqual([])
    expect(peer.after(2_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told().at(-1)).toBe('RESET 1 BODY_TIMEOUT')
  })

  test('bodyMinRate and bodyMinRateGrace: a body that drips', () => {
    const peer = new Peer({ bodyMinRate: 100, bodyMinRateGrace: 3_000 })
    peer.send(frames.request(1, [], POST))
    const lines: string[] = []
    for (let second = 1; lines.length === 0; second++) {
      peer.send(frames.data(1, 'x'))
      lines.push(...peer.after(1_000))
      expect(second).toBeLessThan(6)
    }
    expect(peer.now).toBeGreaterThan(4_000)
    expect(lines).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told().at(-1)).toBe('RESET 1 BODY_TIMEOUT')
  })

  test('sendTimeout: a stream that gets no credit, and a transport that takes nothing', () => {
    const peer = new Peer({ sendTimeout: 3_000 }, frames.settings({ initialWindowSize: 0 }))
    peer.send(frames.request(1))
    peer.respond(1, 'never')
    expect(peer.after(2_000)).toEqual([])
    expect(peer.after(2_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(peer.told().at(-1)).toBe('RESET 1 SEND_TIMEOUT')
    peer.machine.setSending(true, peer.now)
    expect(peer.after(2_999)).toEqual([])
    peer.after(1)
    expect(peer.told()).toEqual(['FAILED SEND_TIMEOUT', 'CLOSED'])
  })
})

describe('numbers of a server', () => {
  test('initialStreamWindowSize: more than that, unread', () => {
    const peer = new Peer({ initialStreamWindowSize: 100, consumes: false })
    peer.send(frames.request(1, [], POST), frames.data(1, 'x'.repeat(100)))
    expect(peer.send(frames.data(1, 'x'))).toEqual(['RST_STREAM 1 FLOW_CONTROL_ERROR'])
  })

  test('initialConnectionWindowSize: more than that, over all streams', () => {
    const peer = new Peer({
      consumes: false,
      initialConnectionWindowSize: 65_535,
      initialStreamWindowSize: 65_535,
    })
    const body = 'x'.repeat(16_384)
    const sent: string[] = []
    // What is buffered within one window is given back; what is beyond it waits for readers.
    for (let id = 1; id < 40 && peer.machine.failure === null; id += 2) {
      sent.push(...peer.send(frames.request(id, [], POST), frames.data(id, body)))
    }
    expect(sent.at(-1)).toMatch(/^GOAWAY \d+ FLOW_CONTROL_ERROR/)
    expect(peer.machine.unconsumed).toBeLessThanOrEqual(2 * 65_535)
  })

  test('initialConnectionWindowSize: a stream that nobody reads does not stall the others', () => {
    const peer = new Peer({ consumes: false, initialConnectionWindowSize: 65_535 })
    peer.send(frames.request(1, [], POST), frames.request(3, [], POST))
    const lines = [1, 2, 3].flatMap(() => peer.send(frames.data(1, 'x'.repeat(16_384))))
    expect(lines).toEqual(['WINDOW_UPDATE 0 +32768'])
  })

  test('maxWindowSize: as far as windows grow', () => {
    const peer = new Peer({
      adaptiveWindow: true,
      initialConnectionWindowSize: 65_535,
      initialStreamWindowSize: 65_535,
      maxWindowSize: 100_000,
    })
    peer.send(frames.request(1, [], POST))
    const opened: string[] = []
    for (let round = 0; round < 20; round++) {
      for (let part = 0; part < 5; part++) opened.push(...peer.send(frames.data(1, 'x'.repeat(16_384))))
      peer.after(10)
      opened.push(...peer.send(frames.ping('hyperbd\x02', true)))
    }
    expect(opened.join('\n')).toContain('PING')
    expect(peer.machine.receiveWindow.target).toBe(100_000)
    expect(peer.stream(1).receiveTarget).toBe(100_000)
  })

  test('maxSendBufferSize: whoever writes is asked to wait', () => {
    const peer = new Peer({ maxSendBufferSize: 100 }, frames.settings({ initialWindowSize: 0 }))
    peer.send(frames.request(1))
    peer.begin(1)
    const { machine } = peer
    expect(machine.sendData(peer.stream(1), new Uint8Array(99))).toBe(true)
    expect(machine.sendData(peer.stream(1), new Uint8Array(1))).toBe(false)
    peer.send(frames.windowUpdate(1, 49))
    expect(machine.drained).toEqual([])
    peer.send(frames.windowUpdate(1, 1))
    expect(machine.drained).toEqual([peer.stream(1)])
  })

  test('maxRequests: GOAWAY with the last one, which is answered', () => {
    const peer = new Peer({ maxRequests: 2 })
    peer.send(frames.request(1))
    expect(peer.send(frames.request(3))).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING hypersd'])
    expect(peer.send(frames.ping('hypersd\x03', true))).toEqual(['GOAWAY 3 NO_ERROR'])
    peer.respond(1)
    expect(peer.send(frames.request(5))).toEqual([])
    expect(peer.respond(3)).toEqual(['HEADERS 3 end :status=200'])
    expect(peer.machine.isFinished).toBe(true)
  })
})

describe('a client', () => {
  test('initialMaxSendStreams: until the server has said how many', () => {
    const client = new Client({ initialMaxSendStreams: 2 }, null)
    client.open()
    client.open()
    expect(client.machine.capacity).toBe(0)
    expect(() => client.open()).toThrow('takes no further stream')
    client.send(frames.settings({ maxConcurrentStreams: 3 }))
    expect(client.machine.capacity).toBe(1)
  })

  test('headersTimeout: from the end of the request to the head', () => {
    const client = new Client({ headersTimeout: 3_000 })
    client.open()
    expect(client.after(2_000)).toEqual([])
    expect(client.after(2_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(client.told).toEqual(['RESET 1 HEADERS_TIMEOUT'])
  })

  test('bodyIdleTimeout: a response that stops', () => {
    const client = new Client({ bodyIdleTimeout: 3_000 })
    client.open()
    client.send(frames.response(1))
    expect(client.after(2_000)).toEqual([])
    expect(client.after(2_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(client.told).toEqual(['RESET 1 BODY_TIMEOUT'])
  })

  test('bodyIdleTimeout: not of a tunnel, but of a CONNECT that was refused', () => {
    const tunnel: RequestLine = {
      method: 'CONNECT',
      scheme: null,
      authority: 'a:1',
      path: null,
      protocol: null,
    }
    const client = new Client({ bodyIdleTimeout: 3_000 })
    client.machine.open(tunnel, NO_FIELDS, 0, true)
    client.machine.open(tunnel, NO_FIELDS, 0, true)
    client.send(frames.response(1), frames.response(3, 403))
    expect(client.after(10_000)).toEqual(['RST_STREAM 3 CANCEL'])
    expect(client.told).toEqual(['RESET 3 BODY_TIMEOUT'])
  })

  test('maxInformational: interim responses without end', () => {
    const client = new Client({ maxInformational: 2 })
    client.open()
    expect(client.send(frames.response(1, 103), frames.response(1, 103))).toEqual([])
    expect(client.send(frames.response(1, 103))).toEqual(['RST_STREAM 1 CANCEL'])
    expect(client.told).toEqual(['RESET 1 TOO_MANY_INFORMATIONAL CANCEL'])
  })

  test('maxHeaders and maxHeaderListSize: a response that is too large is reset', () => {
    for (const options of [{ maxHeaders: 1 }, { maxHeaderListSize: 64 }]) {
      const client = new Client(options)
      client.open()
      expect(client.send(frames.response(1, 200, [['a', 'x'.repeat(100)]]))).toEqual([
        'RST_STREAM 1 PROTOCOL_ERROR',
      ])
    }
  })

  test('keepAliveInterval and keepAliveTimeout: while a request runs', () => {
    const client = new Client({ keepAliveInterval: 1_000, keepAliveTimeout: 500 })
    expect(client.after(10_000)).toEqual([])
    client.open()
    expect(client.after(1_000)).toHaveLength(1)
    client.after(500)
    expect(client.told).toEqual(['FAILED PING_TIMEOUT'])
  })

  test('settingsTimeout and sendTimeout: a server that says and takes nothing', () => {
    const silent = new Client({ settingsTimeout: 500 }, null)
    silent.after(500)
    expect(silent.told).toEqual(['FAILED SETTINGS_TIMEOUT'])
    const full = new Client({ sendTimeout: 500 })
    full.machine.setSending(true, full.now)
    full.after(500)
    expect(full.told).toEqual(['FAILED SEND_TIMEOUT'])
  })
})

const GET: RequestLine = { method: 'GET', scheme: 'http', authority: 'a', path: '/', protocol: null }

/** A client machine and its server, in virtual time. */
class Client {
  readonly machine: H2ClientMachine
  readonly told: string[] = []
  now: number = 1_000
  private readonly log: FrameLog = new FrameLog()

  /** @param settings the server's, sent with an acknowledgement; null: not yet */
  constructor(options: H2ClientOptions, settings: Uint8Array | null = frames.settings()) {
    this.machine = new H2ClientMachine({ adaptiveWindow: false, ...options }, this.now)
    this.log.read(this.machine.output.take()!.subarray(frames.preface.length))
    if (settings !== null) this.send(settings, frames.settingsAck())
  }

  open(): Stream {
    this.machine.touch(this.now)
    const stream = this.machine.open(GET, NO_FIELDS, 0, false)
    this.pump()
    return stream
  }

  send(...parts: readonly Uint8Array[]): string[] {
    this.machine.receive(frames.join(...parts), this.now)
    return this.pump()
  }

  after(ms: number): string[] {
    const until = this.now + ms
    const lines: string[] = []
    for (let due = this.machine.nextDeadline; due <= until; due = this.machine.nextDeadline) {
      this.now = due
      this.machine.handleDeadline(due)
      lines.push(...this.pump())
    }
    this.now = until
    return lines
  }

  private pump(): string[] {
    const { machine } = this
    for (let event = 0; event !== CLOSED_EVENT;) {
      event = machine.nextEvent()
      if (event === NEED_DATA && machine.nextEvent() === NEED_DATA) break
      if (event === RESET_EVENT) this.told.push(`RESET ${machine.stream!.id} ${errorText(machine.error!)}`)
      else if (event === FAILED) this.told.push(`FAILED ${errorText(machine.error!)}`)
      else if (event === CAPACITY_EVENT) continue
    }
    const lines: string[] = []
    for (let piece = machine.output.take(); piece !== null; piece = machine.output.take())
      lines.push(...this.log.read(piece))
    return lines
  }
}
