// Our client through proxies: tinyproxy (CONNECT and forwarding, with a password), microsocks (SOCKS5, with a password), and nghttpx
// before tinyproxy (an `https:` proxy). Where a machine lacks them, the small ones of the testkit stand in.
import { createSecureServer } from 'node:http2'
import { CONNECTION } from '@hyper/client'
import { HttpProxy, makeTestCertificate, SocksProxy, testCertificate } from '@hyper/testkit'
import { PROXY } from '@hyper/util/connect'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clientFor, digestOf, endClients, pieces } from './client-battery.ts'
import { DATA, h2Application, listening, type Origin, sha256, startOrigin } from './client-origin.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts, makeRoom, type Program, type Room, startProgram } from './program.ts'

// The windows of node:http2 are small, and some of these proxies pass on a kilobyte at a time.
const SIZE = 1024 * 1024
const WHOLE = { length: SIZE, sha256: sha256(DATA.subarray(0, SIZE)) }

/** How a proxy differs. */
interface Ways {
  /** Statuses that a request to be forwarded is answered with when its password is wrong; without any, everything is a tunnel. */
  readonly refusals?: readonly number[]
  /** It asks for a password. */
  readonly isGuarded?: boolean
  /** It is spoken to by TLS. */
  readonly isSecure?: boolean
  /** Nothing is forwarded by it: behind nghttpx, tinyproxy closes connections without notice, and the answer is 502. */
  readonly isOnlyForTunnels?: boolean
}

let plain: Origin
let secure: Origin
beforeAll(async () => {
  plain = await startOrigin()
  secure = await listening(
    createSecureServer({ ...(await testCertificate()), allowHTTP1: true }, h2Application),
  )
})
afterAll(() => {
  plain.close()
  secure.close()
})
afterEach(endClients)

/** What works through every proxy. */
function describeProxied(proxy: (userInfo?: string) => string, ways: Ways = {}): void {
  const KINDS = [
    ['http', 'h1'],
    ['https', 'h1 over TLS'],
    ['https', 'h2 over TLS'],
  ] as const

  const kinds = KINDS.filter(([scheme]) => scheme === 'https' || ways.isOnlyForTunnels !== true)
  describe.each(kinds)('%s, %s', (scheme, speaks) => {
    const url = (path: string): string =>
      `${scheme}://localhost:${(scheme === 'http' ? plain : secure).port}${path}`

    test('messages, and who was asked', async () => {
      const client = await clientFor(speaks, { proxy: proxy() })
      const response = await client.get(url('/hello'))
      expect(await response.text()).toBe('hello\n')
      const info = response.extensions.get(CONNECTION)
      expect(info?.protocol).toBe(speaks === 'h2 over TLS' ? 'http2' : 'http1')
      const { hostname, port } = new URL(proxy())
      expect(info?.info.get(PROXY)).toContain(`//${hostname}:${port}`)
      expect((await client.head(url('/bytes/9'))).status).toBe(200)
      expect(await (await client.get(url('/moved'))).text()).toBe('hello\n')
    })

    test('1 MiB comes and goes', async () => {
      const down = await clientFor(speaks, { proxy: proxy() })
      expect(await digestOf(await down.get(url(`/stream/${SIZE}`)))).toEqual(WHOLE)
      // A client of its own: tinyproxy closes after each answer that it forwards, and says nothing of it before.
      const up = await clientFor(speaks, { proxy: proxy() })
      const headers = { 'content-length': String(SIZE) }
      const answer = await up.post(url('/digest'), { body: pieces(SIZE), headers })
      expect(await answer.json()).toMatchObject(WHOLE)
    })

    test('60 requests at once', async () => {
      const client = await clientFor(speaks, { proxy: proxy(), pool: { maxConnectionsPerOrigin: 10 } })
      const texts = await Promise.all(
        Array.from({ length: 60 }, async () => (await client.get(url('/hello'))).text()),
      )
      expect(new Set(texts)).toEqual(new Set(['hello\n']))
      if (speaks === 'h2 over TLS') expect(client.stats().dials).toBe(1)
      else expect(client.stats().open).toBeLessThanOrEqual(10)
    })

    if (ways.isGuarded === true)
      test('the wrong password', async () => {
        const client = await clientFor(speaks, { proxy: proxy('me:wrong@') })
        const work = client.get(url('/hello'))
        // Without a tunnel, the answer of the proxy is the response.
        if (scheme === 'http' && ways.refusals !== undefined) {
          expect(ways.refusals).toContain((await work).status)
          return
        }
        expect(await work.catch((error: unknown) => error)).toMatchObject({ code: 'PROXY', phase: 'connect' })
      })
  })

  test(`the certificate of ${ways.isSecure === true ? 'the proxy' : 'who is behind it'} is not trusted`, async () => {
    const { cert } = await makeTestCertificate()
    const client = await clientFor('h2 over TLS', { proxy: proxy(), ca: cert })
    const error: unknown = await client.get(`https://127.0.0.1:${secure.port}/`).catch((thrown) => thrown)
    expect(error).toMatchObject({
      code: 'TLS',
      phase: 'tls',
      message: expect.stringMatching(/self-signed.*DEPTH_ZERO_SELF_SIGNED_CERT/),
    })
    expect(String(error).includes('proxy')).toBe(ways.isSecure === true)
  })

  test('nobody is behind it', async () => {
    const [gone] = await freePorts(1)
    const client = await clientFor('h2 over TLS', { proxy: proxy() })
    await expect(client.get(`https://127.0.0.1:${gone}/`)).rejects.toMatchObject({
      code: 'PROXY',
      phase: 'connect',
    })
  })
}

/** The settings of a tinyproxy that listens on `port`. */
function tinyproxyFile(room: Room, port: number, password: string | null): string {
  const auth = password === null ? '' : `BasicAuth me ${password}\n`
  return room.write(
    `tinyproxy-${port}.conf`,
    `Port ${port}\nListen 127.0.0.1\nTimeout 30\nMaxClients 200\nLogLevel Error\nDisableViaHeader Yes\n${auth}`,
  )
}

describeWithPeer('tinyproxy', (tinyproxy) => {
  let room: Room
  let program: Program
  let port: number
  beforeAll(async () => {
    room = await makeRoom('tinyproxy')
    ;[port = 0] = await freePorts(1)
    program = await startProgram(tinyproxy, ['-d', '-c', tinyproxyFile(room, port, 'secret')], [port])
  })
  afterAll(async () => {
    await program.stop()
    room.remove()
  })

  describeProxied((userInfo = 'me:secret@') => `http://${userInfo}127.0.0.1:${port}`, {
    isGuarded: true,
    // Only a CONNECT is refused as RFC 9110 §11.7.1 has it.
    refusals: [401, 407],
  })
})

describeWithPeer('microsocks', (microsocks) => {
  let program: Program
  let port: number
  beforeAll(async () => {
    ;[port = 0] = await freePorts(1)
    const words = ['-i', '127.0.0.1', '-p', String(port), '-u', 'me', '-P', 'secret']
    program = await startProgram(microsocks, words, [port])
  })
  afterAll(() => program.stop())

  describe.each(['socks5h', 'socks5'])('%s', (scheme) => {
    describeProxied((userInfo = 'me:secret@') => `${scheme}://${userInfo}127.0.0.1:${port}`, {
      isGuarded: true,
    })
  })
})

describeWithPeer('nghttpx', (nghttpx) =>
  describeWithPeer('tinyproxy', (tinyproxy) => {
    let room: Room
    const programs: Program[] = []
    let port: number
    beforeAll(async () => {
      room = await makeRoom('nghttpx')
      const [front = 0, back = 0] = await freePorts(2)
      port = front
      programs.push(await startProgram(tinyproxy, ['-d', '-c', tinyproxyFile(room, back, null)], [back]))
      const words = [
        `--conf=${room.write('nghttpx.conf', '')}`,
        '--http2-proxy',
        `--frontend=127.0.0.1,${front}`,
        `--backend=127.0.0.1,${back}`,
        '--workers=1',
        '--single-process',
        `${room.path}/key.pem`,
        `${room.path}/cert.pem`,
      ]
      programs.push(await startProgram(nghttpx, words, [front]))
    })
    afterAll(async () => {
      for (const program of programs) await program.stop()
      room.remove()
    })

    describeProxied(() => `https://localhost:${port}`, { isSecure: true, isOnlyForTunnels: true })
  }),
)

describe('of the testkit', () => {
  let http: HttpProxy
  let socks: SocksProxy
  const hosts = { localhost: '127.0.0.1' }
  beforeAll(async () => {
    http = await HttpProxy.start({
      hosts,
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
    })
    socks = await SocksProxy.start({ hosts })
  })
  afterAll(() => {
    http.close()
    socks.close()
  })

  describe('http', () =>
    describeProxied((userInfo = 'me:secret@') => http.url(userInfo.slice(0, -1)), {
      isGuarded: true,
      refusals: [407],
    }))
  describe.each(['socks4', 'socks4a'])('%s', (scheme) => describeProxied(() => socks.url(scheme)))
})
