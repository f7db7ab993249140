// Our client against nghttpd, over TLS and in cleartext: trailers, padding, few streams, small windows, answers before the request is
// complete; and against nghttpx before the application of the suite.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  clientFor,
  describeTarget,
  digestOf,
  endClients,
  failureOf,
  pieces,
  SIZE,
  type Speaks,
} from './client-battery.ts'
import { DATA, type Origin, sha256, startOrigin, TEXT } from './client-origin.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts, makeRoom, type Program, type Room, startProgram } from './program.ts'

const WHOLE = { length: SIZE, sha256: sha256(DATA.subarray(0, SIZE)) }

describeWithPeer('nghttpd', (nghttpd) => {
  describe.each(['h2 over TLS', 'h2c'] as const)('%s', (speaks) => {
    const tls = speaks === 'h2 over TLS'
    const programs: Program[] = []
    let room: Room
    beforeAll(async () => {
      room = await makeRoom('nghttpd')
      room.write('files/hello', 'hello\n')
      room.write('files/data.bin', DATA.subarray(0, SIZE))
      room.write('files/page.txt', TEXT)
      room.write('files/place/index.html', 'a place\n')
    })
    afterAll(() => room.remove())
    afterEach(async () => {
      endClients()
      for (const program of programs.splice(0)) await program.stop()
    })

    /** Starts one with these options; gives the URL of a path. */
    async function serving(...words: readonly string[]): Promise<(path: string) => string> {
      const [port] = await freePorts(1)
      const files = tls ? [`${room.path}/key.pem`, `${room.path}/cert.pem`] : []
      const how = ['-a', '127.0.0.1', '-d', `${room.path}/files`, ...(tls ? [] : ['--no-tls'])]
      programs.push(await startProgram(nghttpd, [...how, ...words, String(port), ...files], [port!]))
      return (path) => `http${tls ? 's' : ''}://127.0.0.1:${port}${path}`
    }

    test('GET, HEAD, and what is not there', async () => {
      const url = await serving()
      const client = await clientFor(speaks)
      expect(await (await client.get(url('/hello'))).text()).toBe('hello\n')
      const head = await client.head(url('/data.bin'))
      expect([head.headers.get('content-length'), (await head.bytes()).length]).toEqual([String(SIZE), 0])
      const none = await client.get(url('/none'))
      expect([none.status, await none.text()]).toEqual([404, expect.stringContaining('404')])
      expect(client.stats().dials).toBe(1)
    })

    test('a redirect', async () => {
      const url = await serving()
      expect(await (await (await clientFor(speaks)).get(url('/place'))).text()).toBe('a place\n')
    })

    test('an error that comes as gzip', async () => {
      const url = await serving('--error-gzip')
      const response = await (await clientFor(speaks)).get(url('/none'))
      expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('404')])
    })

    test.each([
      ['as usual', []],
      ['padded, without a length', ['--padding=200', '--no-content-length']],
      ['small windows', ['-w', '10', '-W', '12']],
      ['no table of fields', ['--header-table-size=0', '--encoder-header-table-size=0']],
    ])('4 MiB come and go: %s', async (_name, words) => {
      const url = await serving('--echo-upload', ...words)
      const client = await clientFor(speaks)
      expect(await digestOf(await client.get(url('/data.bin')))).toEqual(WHOLE)
      // Windows of a kilobyte need a turn for each.
      const size = words.includes('-w') ? 200_000 : SIZE
      const digest = { length: size, sha256: sha256(DATA.subarray(0, size)) }
      expect(await digestOf(await client.post(url('/echo'), { body: pieces(size) }))).toEqual(digest)
      expect(await digestOf(await client.put(url('/echo'), { body: DATA.subarray(0, size) }))).toEqual(digest)
    })

    test('trailers, of files and of what is echoed', async () => {
      const url = await serving('--echo-upload', '--trailer', 'x-one: 1', '--trailer', 'x-two: 2')
      const client = await clientFor(speaks)
      const trailers = (): Record<string, string> => ({ 'x-ours': 'sent' })
      for (const response of [
        await client.get(url('/page.txt')),
        await client.post(url('/'), { body: TEXT, trailers }),
      ]) {
        expect(await response.text()).toBe(TEXT)
        expect([...((await response.trailers) ?? [])]).toEqual([
          ['x-one', '1'],
          ['x-two', '2'],
        ])
      }
    })

    test('Expect: 100-continue', async () => {
      const url = await serving('--echo-upload')
      const interim: number[] = []
      const response = await (
        await clientFor(speaks)
      ).post(url('/'), {
        body: pieces(100_000),
        expectContinue: 20_000,
        onInformational: (status) => interim.push(status),
      })
      expect((await response.bytes()).length).toBe(100_000)
      expect(interim).toEqual([100])
    })

    test('an answer that begins before the request is complete', async () => {
      const url = await serving('--early-response')
      const client = await clientFor(speaks)
      for (let i = 0; i < 5; i++) {
        expect(await (await client.post(url('/hello'), { body: pieces(SIZE) })).text()).toBe('hello\n')
      }
      expect(client.stats().dials).toBe(1)
    })

    test.each([
      [1, 60],
      [5, 200],
      [100, 1_000],
    ])('%i streams, %i requests at once: one socket', async (streams, count) => {
      const url = await serving('-m', String(streams))
      const client = await clientFor(speaks)
      const texts = await Promise.all(
        Array.from({ length: count }, async () => (await client.get(url('/hello'))).text()),
      )
      expect(new Set(texts)).toEqual(new Set(['hello\n']))
      expect(client.stats()).toMatchObject({ dials: 1, active: 0, pending: 0 })
    })

    test('the server is ended, and comes back', async () => {
      const client = await clientFor(speaks)
      const [port] = await freePorts(1)
      const files = tls ? [`${room.path}/key.pem`, `${room.path}/cert.pem`] : ['--no-tls']
      const words = ['-a', '127.0.0.1', '-d', `${room.path}/files`]
      const words2 = tls ? [...words, String(port), ...files] : [...words, ...files, String(port)]
      const url = `http${tls ? 's' : ''}://127.0.0.1:${port}/hello`
      for (let i = 0; i < 3; i++) {
        const program = await startProgram(nghttpd, words2, [port!])
        expect(await (await client.post(url, { body: 'x' })).text()).toBe('hello\n')
        await program.stop()
        await expect.poll(() => client.connections).toBe(0)
      }
      expect(await failureOf(client.get(url))).toEqual(['CONNECT', 'connect', 'ECONNREFUSED'])
    })
  })
})

describeWithPeer('nghttpx', (nghttpx) => {
  const DOORS: readonly Speaks[] = ['h1', 'h1 over TLS', 'h2 over TLS', 'h2c']
  let origin: Origin
  let room: Room
  let server: Program
  let ports: number[] = []

  beforeAll(async () => {
    origin = await startOrigin()
    room = await makeRoom('nghttpx')
    // One door without TLS and one with it: each speaks both versions.
    ports = await freePorts(2)
    const config = room.write('nghttpx.conf', '')
    const words = [
      `--conf=${config}`,
      `--frontend=127.0.0.1,${ports[0]};no-tls`,
      `--frontend=127.0.0.1,${ports[1]}`,
      `--backend=127.0.0.1,${origin.port}`,
      '--workers=1',
      '--single-process',
      `${room.path}/key.pem`,
      `${room.path}/cert.pem`,
    ]
    server = await startProgram(nghttpx, words, ports)
  })
  afterAll(async () => {
    await server.stop()
    origin.close()
    room.remove()
  })

  for (const speaks of DOORS) {
    describeTarget({
      speaks,
      port: () => ports[speaks.endsWith('TLS') ? 1 : 0]!,
      isDuplex: true,
      hasTrailers: true,
      hasHints: true,
      limited: '/refused',
      limitAsksFirst: true,
      limitHangsUp: speaks.startsWith('h1'),
      // Over a kept connection to the application, it waits with the head for some of the body.
      asksForBody: speaks.startsWith('h1'),
    })
  }
})
