// Our client against HAProxy: HTTP/1 and HTTP/2 by ALPN and by prior knowledge before the application of the suite, timeouts that close
// idle connections, refusals before the body, an application that does not answer or is not there.
import { setTimeout as sleep } from 'node:timers/promises'
import { CONNECTION } from '@hyper/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clientFor, describeTarget, endClients, isTls, pieces, type Speaks } from './client-battery.ts'
import { type Digest, type Origin, startOrigin } from './client-origin.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts, makeRoom, type Program, type Room, startProgram } from './program.ts'

const DOORS = ['h1', 'h1 over TLS', 'h2 over TLS', 'h2c', 'brief', 'brief TLS'] as const
type Door = (typeof DOORS)[number]

describeWithPeer('haproxy', (haproxy) => {
  let origin: Origin
  let room: Room
  let server: Program
  let ports: number[] = []
  const port = (door: Door): number => ports[DOORS.indexOf(door)]!

  beforeAll(async () => {
    origin = await startOrigin()
    room = await makeRoom('haproxy')
    const [gone, ...free] = await freePorts(DOORS.length + 1)
    ports = free
    const config = room.write('haproxy.cfg', configOf(room.path, port, origin.port, gone!))
    server = await startProgram(haproxy, ['-db', '-f', config], ports)
  })
  afterAll(async () => {
    await server.stop()
    origin.close()
    room.remove()
  })
  afterEach(endClients)

  const targets: readonly Speaks[] = ['h1', 'h1 over TLS', 'h2 over TLS', 'h2c']
  for (const speaks of targets) {
    describeTarget({
      speaks,
      port: () => port(speaks),
      isDuplex: true,
      hasTrailers: true,
      hasHints: true,
      codings: ['gzip'],
      limited: '/limited',
    })
  }

  test.each(targets)('502, 503 and 504 are answers: %s', async (speaks) => {
    const client = await clientFor(speaks)
    const at = `${isTls(speaks) ? 'https' : 'http'}://127.0.0.1:${port(speaks)}`
    const statuses = await Promise.all(
      ['/gone', '/late'].map(
        async (path) => (await client.post(at + path, { body: pieces(300_000) })).status,
      ),
    )
    expect(statuses).toEqual([503, 504])
    expect((await client.get(`${at}/hello`)).status).toBe(200)
  })

  describe.each(['brief', 'brief TLS'] as const)('closes idle connections: %s', (door) => {
    const speaks = door === 'brief' ? 'h1' : 'h2 over TLS'
    const url = (path: string): string =>
      `http${door === 'brief' ? '' : 's'}://127.0.0.1:${port(door)}${path}`

    test('seen in time', async () => {
      const client = await clientFor(speaks)
      for (let i = 0; i < 4; i++) {
        const answer = await client.post(url('/digest'), { body: pieces(10_000) })
        expect(((await answer.json()) as Digest).length).toBe(10_000)
        await expect.poll(() => client.connections).toBe(0)
      }
    })

    test('at the moment of use', async () => {
      const client = await clientFor(speaks)
      for (let i = 0; i < 24; i++) {
        const response = await client.get(url('/hello'))
        expect(await response.text()).toBe('hello\n')
        expect(response.extensions.get(CONNECTION)?.attempts).toBeLessThanOrEqual(2)
        await sleep(46 + (i % 8))
      }
    })
  })

  // The listener goes at once, what is under way is finished, and idle connections are closed.
  test('ends in peace: what is under way is answered', async () => {
    const [free] = await freePorts(1)
    const config = room.write(
      'other.cfg',
      configOf(room.path, () => free!, origin.port, 1, ['h2 over TLS']),
    )
    const other = await startProgram(haproxy, ['-db', '-f', config], [free!])
    const client = await clientFor('h2 over TLS')
    let go = (): void => undefined
    const gone = new Promise<void>((resolve) => (go = resolve))
    async function* body(): AsyncGenerator<string> {
      yield 'before, '
      await gone
      yield 'after'
    }
    const response = await client.post(`https://127.0.0.1:${free}/echo`, { body: body() })
    other.signal('SIGUSR1')
    await sleep(100)
    go()
    expect(await response.text()).toBe('before, after')
    await expect.poll(() => client.connections).toBe(0)
    await other.stop()
  })
})

function configOf(
  path: string,
  port: (door: Door) => number,
  origin: number,
  gone: number,
  doors: readonly Door[] = DOORS,
): string {
  const bind = (door: Door): string => {
    const tls = `ssl crt ${path}/both.pem ssl-min-ver TLSv1.2`
    const how: Record<Door, string> = {
      h1: '',
      'h1 over TLS': `${tls} alpn h2,http/1.1`,
      'h2 over TLS': `${tls} alpn h2,http/1.1`,
      h2c: 'proto h2',
      brief: '',
      'brief TLS': `${tls} alpn h2,http/1.1`,
    }
    return `
frontend ${door.replaceAll(' ', '-')}
  bind 127.0.0.1:${port(door)} ${how[door]}
  ${door.startsWith('brief') ? 'timeout http-keep-alive 50ms' : ''}
  http-request deny deny_status 413 if { path /limited } { req.hdr_val(content-length) gt 1048576 }
  http-request deny deny_status 413 if { path /limited } !{ req.hdr(content-length) -m found }
  use_backend gone if { path /gone }
  use_backend late if { path /late }
  default_backend app
`
  }
  return `
global
  maxconn 2000
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  timeout http-keep-alive 30s
  option http-no-delay
${doors.map(bind).join('')}
backend app
  http-reuse safe
  compression algo gzip
  compression type text/plain
  server app 127.0.0.1:${origin}
backend gone
  retries 0
  server gone 127.0.0.1:${gone}
backend late
  timeout server 200ms
  http-request set-path /silent
  server late 127.0.0.1:${origin}
`
}
