import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { format, promisify } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { testCertificate } from '../../packages/testkit/src/certificate.ts'
import { pages, root } from '../tools/pages.ts'

// Each example is a program. It runs here from its first line to its last, on real sockets where it uses any, and must
// print what is written below. The first one also runs as a process, which has to end by itself.

const LONG = 120_000

const PRINTS: Readonly<Record<string, readonly string[]>> = {
  'runtimes.ts': ['200 Hello, World!'],
  'readme.ts': ['200 1.1 Hello, World!', '200 Hello', 'GET /a?b'],
  'packages.ts': ['200 1.1 Hello, World!', 'true'],
  'package-core.ts': ['200 Hello, /a'],
  'server-fetch.ts': [
    '200 Hello, World!',
    '200 127.0.0.1 by HTTP/1.1',
    '404 not here',
    'and back',
    '{ length: 4 }',
    'asked',
    '103 </style.css>; rel=preload',
    'text/html 36',
    '3 ms',
  ],
  'server-answers.ts': [
    '200 {"sum":6}',
    '400 an array, please',
    '301 /sum ',
    'of the size said: true true',
    String.raw`"data: 1\n\ndata: 2\n\ndata: 3\n\n"`,
  ],
  'server-watch.ts': ['GET /a 200 ok', 'connection: peer-error PARSE_METHOD'],
  'server-unix.ts': ['200 /over/a/file'],
  'server-ready.ts': ['200', '503'],
  'server-proxied.ts': ['192.0.2.1 asks'],
  'server-inject.ts': ['200 POST by HTTP/2 from 192.0.2.1', '4', 'over a stream in memory'],
  'server-service.ts': ['200 guide Hello, World!', 'onError: out of paper', '500', '1000', '413'],
  'server-busy.ts': ['503 close', 'slow, and in full', 'quick'],
  'server-close.ts': ['connections that still run: 1', 'close done', 'connections: 0', 'short-lived'],
  'server-tls.ts': ['https: 200 true'],
  'server-http2.ts': [
    '103 </style.css>; rel=preload',
    'x-length 5',
    '/two by HTTP/2',
    '/one by HTTP/1.1',
    'GOAWAY 0',
  ],
  'client.ts': [
    '200 guide Hello, World!',
    '12 KNOWN LENGTH',
    'unknown ONE LINE, ANOTHER LINE',
    '{"A":1}',
    'NAME=VALUE',
    'true',
    '13',
    '103 </a.css>; rel=preload',
    'CHECKED c0ffee',
  ],
  'client-errors.ts': [
    'HEADERS_TIMEOUT headers peer false true',
    'CANCELED connect user true false',
    'CONNECT connect io true false',
    'INVALID_TARGET null user false false',
    'BODY_TOO_LARGE body peer false false',
  ],
  'connecting.ts': [
    'GET example.test',
    '127.0.0.1 true',
    'TLSv1.3 true null',
    'proxy: example.test Basic bWU6c2VjcmV0',
    'GET example.test',
    'https://example.org/ socks5h://127.0.0.1:9050',
    'http://example.org/ http://proxy.example:3128',
    'http://db.internal/ directly',
    'http://10.1.2.3/ directly',
    'GET example.test',
    'proxy: example.test ',
    'example.test true',
    'GET example.test',
  ],
  'client-layers.ts': [
    "GET with no cookie [ '/old', '/new' ]",
    '303 /new',
    '200',
    'GET with seen=old',
    'false 800',
    '36',
    'BODY_TOO_LARGE',
    '200 2',
    'application/json 7',
    'application/x-www-form-urlencoded 17',
    'multipart/form-data 289',
    'text/plain 4',
    'true null 200',
    'up 1000 1000',
    'down 14 14',
    'GET /cached 200',
    'from the server',
    'GET /cached 304',
    'from the server',
    'GET /old 303',
    '303',
    'for blue',
    'no socket',
  ],
  'undici.ts': ['hello false', 'UND_ERR_HEADERS_TIMEOUT headers', '200 hello 1'],
  'pooling.ts': [
    '50 { open: 1, idle: 1, active: 0, pending: 0, dials: 1, reuses: 49 }',
    '200 http2 true 3',
    'made anew each time',
    '2 2 1',
    "Set(1) { 'connection 1' }",
  ],
  'core-serve.ts': ['200 POST one', '200 POST two', 'ended: null eof'],
  'core-machine.ts': [
    'head: POST /in null',
    'data: hello',
    'end: 1',
    String.raw`"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\nconnection: keep-alive\r\nkeep-alive: timeout=75\r\n\r\nok"`,
    'due at 5030',
    'failed: HEADERS_TIMEOUT',
    'HTTP/1.1 408 Request Timeout',
    String.raw`"GET / HTTP/1.1\r\nhost: x\r\n\r\n"`,
    '200 2',
    'another request may be sent: true',
  ],
  'own-io.ts': ['200 /over/streams', 'ended: null'],
  'bodies.ts': [
    'text 13 "known at once"',
    String.raw`stream chunked "1\n2\n3\n"`,
    'sized 5 "12345"',
    String.raw`rows chunked "{\"id\":1}\n{\"id\":2}\n"`,
    '300000 bytes',
    'upper: null',
    'used: true',
    '13 known at once null',
    'as a web stream | from a blob',
  ],
  'fetch.ts': [
    "true 200 [ 'a=b' ] { method: 'GET', type: 'none', size: 0 }",
    '200',
    'multipart/form-data',
    '{"method":"PUT","type":"none","size":22}',
    '103 </a.css>; rel=preload',
    'c0ffee',
    'true CONNECT connect true',
    'true HEADERS_TIMEOUT headers false',
    'false TimeoutError',
    'true TypeError',
  ],
  'frameworks-bare.ts': ['there and back', 'out of paper', '500'],
  'frameworks-express.ts': [
    '{"hello":"you","from":"127.0.0.1","by":"1.1"}',
    '{"sum":6}',
    '404',
    '{"hello":"you","from":"127.0.0.1","by":"2.0"}',
    '{"sum":6}',
    '404',
    'hi',
    'closed',
  ],
  'frameworks-fastify.ts': ['{"hello":"you","from":"127.0.0.1"}', 'with trailers 3 ms'],
  'trailers.ts': [
    '103 </a.css>; rel=preload',
    '7 counted!',
    '3c29950f',
    'data 1',
    'data 1',
    'trailers 1',
    'a! null',
  ],
  'upgrades.ts': [
    '101 echo',
    'ping',
    'HTTP/1.1 426 Upgrade Required',
    'NO_UPGRADE the server answered 426 and did not switch protocols',
    'NO_UPGRADE the server answered 502 and did not switch protocols',
  ],
  'websocket.ts': ['hello over HTTP/1.1', 'hello over HTTP/2', 'hi over HTTP/1.1', 'closed: 1000', '426'],
  'connect-handler.ts': ['101 HELLO', '200 HELLO', '200 GET, and no tunnel'],
  'http2.ts': [
    '200 2 hello',
    '25 answers, and as many requests may be sent now: 10',
    '103 </style.css>; rel=preload',
    'data 42',
    'u=0 | u=3, i | u=5',
    '200 STREAM_RESET CONNECT_ERROR false',
    'CANCELED',
    'the client has gone: STREAM_RESET CANCEL',
    'CLOSED true',
    'the last answer',
    'ended: null',
  ],
  'http2-port.ts': ['HTTP/2 by h2', 'HTTP/1.1 by http/1.1'],
  'http2-tunnel.ts': [
    '200 tunnel to db.example:5432: hello',
    '200 echo to /chat: hello again',
    '501 NO_UPGRADE',
  ],
  'proxies.ts': [
    "[ 'POST', '127.0.0.1', 'in' ]",
    "200 1.1 gate [ 'GET', null, '' ]",
    'HTTP/1.1 200 OK',
    'the server answered 403 and did not switch protocols',
    'the server answered 403 and did not switch protocols',
  ],
  'testing.ts': ['pair: 200', 'idle: timeout', 'slow head: HTTP/1.1 408 Request Timeout'],
}

/** Programs that start others of their kind. */
const PROCESSES: Readonly<Record<string, readonly string[]>> = {
  'cluster.ts': ['failed: 0 served by more than one: true'],
}

/** What examples share; they print nothing. */
const PARTS = [
  'proxy-forward.ts',
  'proxy-hops.ts',
  'proxy-relay.ts',
  'proxy-reverse.ts',
  'rpc-handler.ts',
  'small-runtime.ts',
  'stream-io.ts',
  'virtual-runtime.ts',
]

const WANT_CERTIFICATE = ['connecting.ts', 'http2-port.ts', 'server-tls.ts']

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const clean of cleanUp.splice(0)) clean()
})

test('every example is run', () => {
  const files = pages('docs/examples/*.ts').map((file) => basename(file))
  expect(files).toEqual([...Object.keys({ ...PRINTS, ...PROCESSES }), ...PARTS].toSorted())
})

test.each(Object.entries(PRINTS))(
  '%s prints what it should',
  async (file, lines) => {
    const printed: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
      printed.push(format(...words))
    })
    cleanUp.push(() => log.mockRestore())
    if (WANT_CERTIFICATE.includes(file)) await giveCertificate(file)
    const program = join(root, 'docs/examples', file)
    await import(/* @vite-ignore */ program)
    expect(printed).toEqual(lines)
  },
  LONG,
)

test.each(Object.entries({ 'readme.ts': PRINTS['readme.ts'] ?? [], ...PROCESSES }))(
  'a program ends by itself: %s',
  async (file, lines) => {
    const program = join(root, 'docs/examples', file)
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', program])
    expect(stdout.trimEnd().split('\n')).toEqual(lines)
  },
  LONG,
)

/** The program takes its files as arguments. */
async function giveCertificate(program: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'hyper-docs-'))
  const { argv } = process
  cleanUp.push(() => {
    process.argv = argv
    rmSync(directory, { recursive: true, force: true })
  })
  const { cert, key } = await testCertificate()
  const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') }
  writeFileSync(files.cert, cert)
  writeFileSync(files.key, key)
  process.argv = [argv[0] ?? 'node', program, files.cert, files.key]
}
