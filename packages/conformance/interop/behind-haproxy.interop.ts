// Our server behind HAProxy: HTTP/1 and HTTP/2 to it, the PROXY protocol of both versions, in cleartext and before TLS, and a deploy
// under load that loses nothing.
import { testCertificate } from '@hyper/testkit'
import { Client } from '@hyper/client'
import type { Server } from '@hyper/server'
import { nodeConnector } from '@hyper/util/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Replaceable, startApp, under } from './behind-kit.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts, makeRoom, type Program, type Room, startProgram } from './program.ts'

const DOORS = ['h1', 'h2', 'v1', 'v2', 'v2h2', 'v2tls', 'deploy', 'deploy2'] as const
type Door = (typeof DOORS)[number]

describeWithPeer('haproxy', (haproxy) => {
  let room: Room
  let proxy: Program
  let ports: number[] = []
  let plain: Server
  let proxied: Server
  let secure: Server
  let pair: Replaceable[]
  const clients: Client[] = []
  const url = (door: Door, path: string = '/'): string =>
    `http://127.0.0.1:${ports[DOORS.indexOf(door)]}${path}`

  beforeAll(async () => {
    room = await makeRoom('behind-haproxy')
    const { cert, key } = await testCertificate()
    const proxyProtocol = { trusted: ['127.0.0.1'] }
    plain = await startApp({})
    proxied = await startApp({ proxyProtocol })
    secure = await startApp({ proxyProtocol, tls: { cert, key } })
    const [a, b, ...free] = await freePorts(DOORS.length + 2)
    ports = free
    pair = [new Replaceable(a!, 'SIGUSR2'), new Replaceable(b!, 'SIGHUP')]
    for (const one of pair) await one.start()
    const servers = { plain: plain.port, proxied: proxied.port, secure: secure.port, a: a!, b: b! }
    proxy = await startProgram(
      haproxy,
      ['-db', '-f', room.write('haproxy.cfg', configOf(ports, servers))],
      ports,
    )
  })
  afterAll(async () => {
    await proxy.stop()
    await Promise.all([plain, proxied, secure].map((server) => server.close({ deadline: 0 })))
    await Promise.all(pair.map((one) => one.stop()))
    room.remove()
  })
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())))

  function client(): Client {
    const made = new Client()
    clients.push(made)
    return made
  }

  test.each([
    ['h1', '1.1'],
    ['h2', '2'],
  ] as const)('%s to it', async (door, version) => {
    const ours = client()
    for (let i = 0; i < 20; i++) {
      const response = await ours.post(url(door), { body: `${i}` })
      expect(await response.json()).toEqual({ version, from: '127.0.0.1', body: `${i}` })
    }
    const large = 'x'.repeat(1_000_000)
    expect(await (await ours.post(url(door, '/stream'), { body: large })).text()).toBe(large)
  })

  test.each([
    ['v1', '1.1'],
    ['v2', '1.1'],
    ['v2h2', '2'],
    ['v2tls', '1.1'],
  ] as const)('the PROXY protocol says who the client is: %s', async (door, version) => {
    // A client of another address than HAProxy has; all of 127/8 are ours.
    const ours = new Client({ connector: nodeConnector({ tcp: { localAddress: '127.0.0.9' } }) })
    clients.push(ours)
    for (let i = 0; i < 3; i++) {
      const response = await ours.post(url(door), { body: 'x', headers: { connection: 'close' } })
      expect(await response.json()).toEqual({ version, from: '127.0.0.9', body: 'x' })
    }
  })

  test.each(['deploy', 'deploy2'] as const)('a deploy under load loses nothing: %s', async (door) => {
    const tally = await under(client(), url(door), async () => {
      for (const one of pair) await one.replace()
    })
    expect([...new Set(tally.failures)]).toEqual([])
    expect(tally.requests).toBeGreaterThan(100)
  })
})

function configOf(
  ports: readonly number[],
  to: { plain: number; proxied: number; secure: number; a: number; b: number },
): string {
  const server = (port: number, words: string): string => `server s${port} 127.0.0.1:${port} ${words}`
  // A check must be answered within its interval. That one is late, on a busy machine, does not count yet.
  const checked = 'check inter 500 fall 2 rise 1'
  const backends: Record<Door, string> = {
    h1: server(to.plain, ''),
    h2: server(to.plain, 'proto h2'),
    v1: server(to.proxied, 'send-proxy'),
    v2: server(to.proxied, 'send-proxy-v2'),
    v2h2: server(to.proxied, 'send-proxy-v2 proto h2'),
    v2tls: server(to.secure, 'send-proxy-v2 ssl verify none alpn http/1.1'),
    deploy: `option httpchk GET /ready\n  ${server(to.a, checked)}\n  ${server(to.b, checked)}`,
    deploy2: `option httpchk GET /ready\n  ${server(to.a, `${checked} proto h2`)}\n  ${server(to.b, `${checked} proto h2`)}`,
  }
  const door = (name: Door, index: number): string => `
frontend ${name}
  bind 127.0.0.1:${ports[index]}
  default_backend ${name}
backend ${name}
  ${backends[name]}`
  return `
global
  maxconn 2000
defaults
  mode http
  timeout connect 5s
  timeout check 5s
  timeout client 30s
  timeout server 30s
  # What fails is to be seen, and not sent again.
  retries 0
  http-reuse always
${DOORS.map(door).join('\n')}
`
}
