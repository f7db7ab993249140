// Our client against Caddy, the HTTP of Go: files with gzip and zstd of its own, limits, and the application of the suite behind it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  clientFor,
  describeTarget,
  digestOf,
  endClients,
  isTls,
  SIZE,
  type Speaks,
} from './client-battery.ts'
import { DATA, type Origin, sha256, startOrigin, TEXT } from './client-origin.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts, makeRoom, type Program, type Room, startProgram } from './program.ts'

const DOORS = ['h1', 'h1 over TLS', 'h2 over TLS', 'h2c', 'brief', 'brief TLS'] as const
type Door = (typeof DOORS)[number]

describeWithPeer('caddy', (caddy) => {
  let origin: Origin
  let room: Room
  let server: Program
  let ports: number[] = []
  const port = (door: Door): number => ports[DOORS.indexOf(door)]!

  beforeAll(async () => {
    origin = await startOrigin()
    room = await makeRoom('caddy')
    ports = await freePorts(DOORS.length)
    room.write('files/data.bin', DATA.subarray(0, SIZE))
    room.write('files/page.txt', TEXT)
    const config = room.write('caddy.json', JSON.stringify(configOf(room.path, port, origin.port)))
    const own = { HOME: room.path, XDG_DATA_HOME: room.path, XDG_CONFIG_HOME: room.path }
    server = await startProgram(caddy, ['run', '--config', config], ports, own)
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
      // Go reads the body of HTTP/1 first.
      isDuplex: speaks.startsWith('h2'),
      hasTrailers: true,
      codings: ['gzip', 'zstd'],
      limited: '/limited',
      unknownName: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
    })
  }

  test.each(targets)('files, whole and in part: %s', async (speaks) => {
    const client = await clientFor(speaks)
    const at = `${isTls(speaks) ? 'https' : 'http'}://127.0.0.1:${port(speaks)}`
    const whole = await client.get(`${at}/files/data.bin`)
    expect(await digestOf(whole)).toEqual({ length: SIZE, sha256: sha256(DATA.subarray(0, SIZE)) })
    const part = await client.get(`${at}/files/page.txt`, { headers: { range: 'bytes=0-5' } })
    expect([part.status, await part.text()]).toEqual([206, TEXT.slice(0, 6)])
    expect((await client.get(`${at}/files/none`)).status).toBe(404)
  })

  describe.each(['brief', 'brief TLS'] as const)('closes idle connections: %s', (door) => {
    test('seen in time', async () => {
      const client = await clientFor(door === 'brief' ? 'h1' : 'h2 over TLS')
      const url = `http${door === 'brief' ? '' : 's'}://127.0.0.1:${port(door)}/digest`
      for (let i = 0; i < 4; i++) {
        expect(await (await client.post(url, { body: 'x' })).json()).toMatchObject({ length: 1 })
        await expect.poll(() => client.connections).toBe(0)
      }
    })
  })
})

function configOf(path: string, port: (door: Door) => number, origin: number): unknown {
  const match = (where: string): unknown => [{ path: [where] }]
  const proxied = {
    handler: 'reverse_proxy',
    upstreams: [{ dial: `127.0.0.1:${origin}` }],
    flush_interval: -1,
  }
  const files = { handler: 'file_server', root: `${path}/files` }
  const encoded = { handler: 'encode', encodings: { gzip: {}, zstd: {} }, prefer: ['zstd', 'gzip'] }
  const routes = [
    // Says so at once, reads a little of what comes, and closes.
    {
      match: match('/limited'),
      handle: [{ handler: 'static_response', status_code: 413, body: 'too large' }],
    },
    { match: match('/text'), handle: [encoded, { handler: 'rewrite', uri: '/page.txt' }, files] },
    { match: match('/files/*'), handle: [{ handler: 'rewrite', strip_path_prefix: '/files' }, files] },
    { handle: [proxied] },
  ]
  const server = (door: Door): unknown => ({
    listen: [`127.0.0.1:${port(door)}`],
    routes,
    automatic_https: { disable: true },
    protocols: door === 'h2c' ? ['h1', 'h2', 'h2c'] : ['h1', 'h2'],
    ...(door.startsWith('brief') ? { idle_timeout: '100ms' } : {}),
    ...(door.includes('TLS') ? { tls_connection_policies: [{}] } : {}),
  })
  return {
    admin: { disabled: true },
    logging: { logs: { default: { level: 'ERROR' } } },
    apps: {
      http: { servers: Object.fromEntries(DOORS.map((door) => [door.replaceAll(' ', '-'), server(door)])) },
      tls: { certificates: { load_files: [{ certificate: `${path}/cert.pem`, key: `${path}/key.pem` }] } },
    },
  }
}
