// Our client against nginx: one program with a door for each version, files and compression of its own, the application of the suite
// behind it, and doors that close connections under their users.
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { CONNECTION } from '@hyper/client'
import { TLS_INFO } from '@hyper/util/connect'
import { nodeConnector } from '@hyper/util/node'
import { testCertificate } from '@hyper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  clientFor,
  describeTarget,
  digestOf,
  endClients,
  failureOf,
  pieces,
  SIZE,
  TOO_MUCH,
  type Target,
} from './client-battery.ts'
import { DATA, type Origin, sha256, startOrigin, TEXT, type Digest } from './client-origin.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts, makeRoom, type Program, type Room, startProgram } from './program.ts'

// The order of the ports.
const DOORS = [
  ...(['h1', 'h1 over TLS', 'h2 over TLS', 'h2c', 'five', 'five h2'] as const),
  ...(['brief', 'brief h2', 'rude', 'mutual'] as const),
] as const
type Door = (typeof DOORS)[number]

describeWithPeer('nginx', (nginx) => {
  let origin: Origin
  let room: Room
  let server: Program
  let ports: number[] = []
  const port = (door: Door): number => ports[DOORS.indexOf(door)]!
  const at = (door: Door, path: string): string =>
    `http${/TLS|(?:brief|five) h2|mutual/.test(door) ? 's' : ''}://127.0.0.1:${port(door)}${path}`

  beforeAll(async () => {
    origin = await startOrigin()
    room = await makeRoom('nginx')
    ports = await freePorts(DOORS.length)
    room.write('files/data.bin', DATA.subarray(0, SIZE))
    room.write('files/page.txt', TEXT)
    const config = room.write('nginx.conf', configOf(room, origin.port, port, hasHttp2Directive(nginx)))
    server = await startProgram(nginx, ['-p', room.path, '-e', 'stderr', '-c', config], ports)
  })
  afterAll(async () => {
    await server.stop()
    origin.close()
    room.remove()
  })
  afterEach(endClients)

  const targets: readonly Target['speaks'][] = ['h1', 'h1 over TLS', 'h2 over TLS', 'h2c']
  for (const speaks of targets) {
    describeTarget({
      speaks,
      port: () => port(speaks),
      codings: ['gzip'],
      limited: '/limited',
      asksForBody: !speaks.startsWith('h2'),
    })
  }

  describe.each(targets)('files: %s', (speaks) => {
    test('a whole one, a range, one that has not changed, one that is not there', async () => {
      const client = await clientFor(speaks)
      const whole = await client.get(at(speaks, '/files/data.bin'))
      expect(await digestOf(whole)).toEqual({ length: SIZE, sha256: sha256(DATA.subarray(0, SIZE)) })
      const range = await client.get(at(speaks, '/files/data.bin'), { headers: { range: 'bytes=1000-1999' } })
      expect([range.status, range.headers.get('content-range')]).toEqual([206, `bytes 1000-1999/${SIZE}`])
      expect(sha256(await range.bytes())).toBe(sha256(DATA.subarray(1000, 2000)))
      const etag = whole.headers.get('etag') ?? ''
      const same = await client.get(at(speaks, '/files/data.bin'), { headers: { 'if-none-match': etag } })
      expect([same.status, (await same.bytes()).length]).toEqual([304, 0])
      expect((await client.get(at(speaks, '/files/none'))).status).toBe(404)
    })

    test('trailers of its own', async () => {
      const response = await (await clientFor(speaks)).get(at(speaks, '/trailing'))
      expect(await response.text()).toBe(TEXT)
      expect((await response.trailers)?.get('x-status')).toBe('200')
    })

    test('a body that ends with its connection, or its stream', async () => {
      const client = await clientFor(speaks)
      const response = await client.get(at(speaks, `/unframed/stream/${SIZE}`))
      expect(response.headers.has('transfer-encoding')).toBe(false)
      expect(response.headers.has('content-length')).toBe(false)
      expect(await digestOf(response)).toEqual({ length: SIZE, sha256: sha256(DATA.subarray(0, SIZE)) })
    })
  })

  describe('closes connections', () => {
    test.each(['five', 'five h2'] as const)('after every fifth request: %s', async (door) => {
      const client = await clientFor(door === 'five' ? 'h1' : 'h2 over TLS')
      for (let i = 0; i < 50; i++) {
        const body = String(i).repeat(10)
        const response = await client.post(at(door, '/digest'), { body })
        expect(await response.json()).toMatchObject({ sha256: sha256(Buffer.from(body)) })
      }
      expect(client.stats().dials).toBe(10)
      const many = Array.from({ length: 100 }, async () => (await client.get(at(door, '/hello'))).text())
      expect(new Set(await Promise.all(many))).toEqual(new Set(['hello\n']))
    })

    test.each(['brief', 'brief h2'] as const)('that are idle, seen in time: %s', async (door) => {
      const client = await clientFor(door === 'brief' ? 'h1' : 'h2 over TLS')
      for (let i = 0; i < 4; i++) {
        // One at a time: a second might find the connection of the first at the moment at which it is closed.
        expect(await (await client.post(at(door, '/digest'), { body: 'x' })).json()).toMatchObject({
          length: 1,
        })
        await expect.poll(() => client.connections).toBe(0)
      }
    })

    test.each(['brief', 'brief h2'] as const)('that are idle, at the moment of use: %s', async (door) => {
      const client = await clientFor(door === 'brief' ? 'h1' : 'h2 over TLS')
      for (let i = 0; i < 24; i++) {
        expect(await (await client.get(at(door, '/hello'))).text()).toBe('hello\n')
        // Around the time at which it is closed.
        await sleep(46 + (i % 8))
      }
    })

    test('by a reset in the middle of an upload: the 413 is delivered', async () => {
      for (let i = 0; i < 10; i++) {
        const client = await clientFor('h1')
        const response = await client.post(at('rude', '/limited'), {
          body: i % 2 === 0 ? new Uint8Array(TOO_MUCH) : pieces(TOO_MUCH),
        })
        expect([response.status, await response.text()]).toEqual([413, expect.stringContaining('413')])
        client.abort()
      }
    })

    test.each(['h1', 'h2 over TLS'] as const)(
      'because it is told to load its configuration again: %s',
      async (speaks) => {
        const client = await clientFor(speaks)
        const seen = Array.from({ length: 4 }, () => new Set<string | null>())
        let isTold = false
        // Each asks until it has been answered by the process before and by the one after.
        const work = seen.map(async (workers) => {
          while (workers.size < 2) {
            const response = await client.post(at(speaks, '/digest'), {
              body: () => pieces(20_000),
              idempotent: true,
            })
            expect(((await response.json()) as Digest).length).toBe(20_000)
            workers.add(response.headers.get('x-worker'))
            if (isTold || seen.some(({ size }) => size === 0)) continue
            isTold = true
            server.signal('SIGHUP')
          }
        })
        await Promise.all(work)
      },
    )
  })

  describe('TLS', () => {
    test('a certificate of ours is wanted', async () => {
      const { cert, key } = await testCertificate()
      const without = await (await clientFor('h1 over TLS')).get(at('mutual', '/hello'))
      expect([without.status, await without.text()]).toEqual([400, expect.stringContaining('certificate')])
      const connector = nodeConnector({ tls: { ca: cert, cert, key } })
      const client = await clientFor('h1 over TLS', { connector })
      expect(await (await client.get(at('mutual', '/hello'))).text()).toBe('hello\n')
    })

    test('the second connection resumes the session of the first', async () => {
      const client = await clientFor('h1 over TLS')
      const resumed: unknown[] = []
      for (let i = 0; i < 2; i++) {
        const response = await client.get(at('h1 over TLS', '/hello'))
        const info = response.extensions.get(CONNECTION)
        resumed.push(info?.info.get(TLS_INFO)?.isResumed)
        await response.text()
        info?.retire()
      }
      expect(resumed).toEqual([false, true])
    })

    test('the wrong scheme, both ways', async () => {
      const client = await clientFor('h2 over TLS')
      expect(await failureOf(client.get(`https://127.0.0.1:${port('h1')}/`))).toEqual([
        'TLS',
        'tls',
        expect.stringMatching(/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/),
      ])
      expect((await client.get(`http://127.0.0.1:${port('h1 over TLS')}/`)).status).toBe(400)
    })
  })

  test('nobody is there any more', async () => {
    const [gone] = await freePorts(1)
    expect(await failureOf((await clientFor('h1')).get(`http://127.0.0.1:${gone}/`))).toEqual([
      'CONNECT',
      'connect',
      'ECONNREFUSED',
    ])
  })
})

// Since 1.25 HTTP/2 is a directive of its own.
function hasHttp2Directive(nginx: string): boolean {
  const { stderr } = spawnSync(nginx, ['-v'], { encoding: 'utf8' })
  const [, major = 1, minor = 0] = (/nginx\/(\d+)\.(\d+)/.exec(stderr) ?? []).map(Number)
  return major > 1 || minor > 25
}

function configOf(room: Room, origin: number, ports: (door: Door) => number, isLate: boolean): string {
  const tls =
    'ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_session_cache shared:tls:1m;'
  const door = (name: Door, more: string = ''): string => {
    const isH2 = name.includes('h2')
    const isTls = /TLS|(?:brief|five) h2|mutual/.test(name)
    const words = `${isTls ? ' ssl' : ''}${isH2 && !isLate ? ' http2' : ''}`
    return `server {
      listen 127.0.0.1:${ports(name)}${words};
      ${isH2 && isLate ? 'http2 on;' : ''} ${isTls ? tls : ''} ${more}
      include places.conf;
    }`
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  room.write(
    'places.conf',
    `location / { proxy_pass http://origin; proxy_buffering off; proxy_request_buffering off; client_max_body_size 0;
       add_header x-worker $pid; }
     location /unframed/ { proxy_pass http://origin/; chunked_transfer_encoding off; }
     location /limited { proxy_pass http://origin/digest; client_max_body_size 1m; }
     location /files/ { alias ${room.path}/files/; etag on; }
     location /trailing { alias ${room.path}/files/page.txt; add_trailer x-status $status; }
     location = /text { alias ${room.path}/files/page.txt; default_type text/plain; gzip on; gzip_types text/plain; }`,
  )
  return `daemon off;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes 1;
    pid ${room.path}/nginx.pid;
    events { worker_connections 2000; }
    http {
      access_log off;
      ${temporary.map((kind) => `${kind}_temp_path ${room.path}/${kind};`).join('\n')}
      keepalive_requests 100000;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      upstream origin { server 127.0.0.1:${origin}; keepalive 50; }
      ${door('h1')} ${door('h1 over TLS')} ${door('h2 over TLS')} ${door('h2c')}
      ${door('five', 'keepalive_requests 5;')}
      ${door('five h2', 'keepalive_requests 5;')}
      ${door('brief', 'keepalive_timeout 50ms;')}
      ${door('brief h2', 'keepalive_timeout 50ms;')}
      ${door('rude', 'lingering_close off;')}
      ${door('mutual', 'ssl_verify_client on; ssl_client_certificate cert.pem;')}
    }`
}
