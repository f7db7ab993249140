import { frames } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { Peer } from './server-kit.ts'

// The end of a stream on either side first, and what is let go with it.

const { data, request, rst } = frames

test('a stream that is answered before its body has ended is let go with the last byte', () => {
  const peer = new Peer({ maxConcurrentStreams: 2 })
  for (let id = 1; id < 20; id += 2) {
    peer.send(request(id, [], { method: 'POST' }))
    expect(peer.respond(id)).toEqual([`HEADERS ${id} end :status=200`])
    expect(peer.send(data(id, 'x', { endStream: true }))).toEqual([])
  }
  expect(peer.machine.streams.size).toBe(0)
  expect(peer.machine.peerStreams).toBe(0)
})

test('the same with trailers', () => {
  const peer = new Peer({ maxConcurrentStreams: 2 })
  for (let id = 1; id < 20; id += 2) {
    peer.send(request(id, [], { method: 'POST' }))
    peer.respond(id)
    expect(peer.send(frames.headers(id, [['sum', '1']], { endStream: true }))).toEqual([])
  }
  expect(peer.machine.streams.size).toBe(0)
})

test('an idle time begins when the last stream is gone, whoever ended it', () => {
  for (const end of [rst(1), data(1, 'too long', { endStream: true }), data(1, 'a', { endStream: true })]) {
    const peer = new Peer({ idleTimeout: 60_000 })
    peer.send(request(1, [['content-length', '1']], { method: 'POST' }))
    peer.send(end)
    if (peer.machine.streams.size > 0) peer.respond(1)
    expect(peer.machine.streams.size).toBe(0)
    expect(peer.after(59_000)).toEqual([])
    peer.told()
    expect(peer.after(2_000)).toEqual(['GOAWAY 1 NO_ERROR'])
  }
})
