// Our server behind nginx: HTTP/1 by proxy_pass, HTTP/2 by grpc_pass (this is how most of its versions speak it to an upstream), and a
// deploy under load that loses nothing: since nginx asks nobody whether he is ready, the port is shared by two processes.
import { Client } from '@hyper/client'
import type { Server } from '@hyper/server'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startApp, startPair, under } from './behind-kit.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts, makeRoom, type Program, type Room, startProgram } from './program.ts'

describeWithPeer('nginx', (nginx) => {
  let room: Room
  let proxy: Program
  let port = 0
  let grpcPort = 0
  let app: Server
  let pair: Awaited<ReturnType<typeof startPair>>
  const clients: Client[] = []

  beforeAll(async () => {
    room = await makeRoom('behind-nginx')
    app = await startApp({})
    pair = await startPair()
    ;[port = 0, grpcPort = 0] = await freePorts(2)
    const config = room.write('nginx.conf', configOf(room.path, [port, grpcPort], app.port, pair.port))
    proxy = await startProgram(nginx, ['-p', room.path, '-e', 'stderr', '-c', config], [port, grpcPort])
  })
  afterAll(async () => {
    await proxy.stop()
    await app.close({ deadline: 0 })
    pair.stop()
    room.remove()
  })
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())))

  function client(isH2: boolean = false): Client {
    const made = new Client(isH2 ? { http1: false, http2: { priorKnowledge: true } } : {})
    clients.push(made)
    return made
  }

  test('HTTP/1 to it, over connections that are kept', async () => {
    const ours = client()
    for (let i = 0; i < 20; i++) {
      const response = await ours.post(`http://127.0.0.1:${port}/`, { body: `${i}` })
      expect(await response.json()).toEqual({ version: '1.1', from: '127.0.0.1', body: `${i}` })
    }
    expect(app.connections).toBeLessThanOrEqual(8)
    const large = 'x'.repeat(1_000_000)
    expect(await (await ours.post(`http://127.0.0.1:${port}/stream`, { body: large })).text()).toBe(large)
  })

  test('HTTP/2 to it, by grpc_pass', async () => {
    const ours = client(true)
    for (let i = 0; i < 20; i++) {
      const response = await ours.post(`http://127.0.0.1:${grpcPort}/`, { body: `${i}` })
      expect(await response.json()).toEqual({ version: '2', from: '127.0.0.1', body: `${i}` })
    }
  })

  test('a deploy under load loses nothing', async () => {
    const tally = await under(client(), `http://127.0.0.1:${port}/deploy`, async () => {
      await pair.restart()
    })
    expect([...new Set(tally.failures)]).toEqual([])
    expect(tally.requests).toBeGreaterThan(100)
  })
})

function configOf(path: string, [port, grpc]: readonly number[], app: number, pair: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes 1;
    pid ${path}/nginx.pid;
    events { worker_connections 2000; }
    http {
      access_log off;
      ${temporary.map((kind) => `${kind}_temp_path ${path}/${kind};`).join('\n')}
      keepalive_requests 100000;
      client_max_body_size 0;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      upstream app { server 127.0.0.1:${app}; keepalive 8; }
      # Less than the grace of those that go: what is idle is closed from this side first.
      upstream pair { server 127.0.0.1:${pair}; keepalive 8; keepalive_timeout 200ms; }
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://app; }
        location /deploy { proxy_pass http://pair; }
      }
      server {
        listen 127.0.0.1:${grpc} http2;
        location / { grpc_pass grpc://app; }
      }
    }`
}
