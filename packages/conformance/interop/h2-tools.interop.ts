// curl, nghttp, h2load, h2spec and h2specd: programs that speak HTTP/2, in cleartext and over TLS.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { testCertificate } from '@hyper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startH2Reference, type H2Reference } from '../test/peers/h2-reference.ts'
import { describeWithPeer } from './peer.ts'
import { freePorts } from './program.ts'

const run = promisify(execFile)
const BOTH = [
  ['cleartext', false],
  ['TLS', true],
] as const

interface Place {
  readonly port: () => number
  readonly url: (path: string) => string
}

/** A server for the tests of one suite. */
function served(tls: boolean): Place {
  let server: H2Reference
  beforeAll(async () => {
    server = await startH2Reference({ tls })
  })
  afterAll(() => server.close())
  return {
    port: () => server.port,
    url: (path) => `${tls ? 'https' : 'http'}://127.0.0.1:${server.port}${path}`,
  }
}

describeWithPeer('curl', (curl) => {
  describe.each(BOTH)('%s', (_name, tls) => {
    const { url } = served(tls)
    const ask = async (path: string, ...words: readonly string[]): Promise<string> => {
      const how = tls ? ['--http2', '--insecure'] : ['--http2-prior-knowledge']
      const { stdout } = await run(curl, ['-sS', '--max-time', '20', ...how, ...words, url(path)])
      return stdout
    }

    test('a plain request', async () => {
      expect(await ask('/', '--write-out', ' %{http_version}')).toBe('Hello, World! 2')
    })

    test('HEAD', async () => {
      expect(await ask('/', '--head')).toMatch(/^HTTP\/2 200 \r\n[^]*content-length: 13\r\n/)
    })

    test('a body comes back', async () => {
      expect(await ask('/echo', '--data-binary', 'x'.repeat(100_000))).toBe('x'.repeat(100_000))
    })

    test('early hints and trailers', async () => {
      expect(await ask('/early-hints', '--include')).toMatch(/^HTTP\/2 103 /)
      expect(await ask('/trailers', '--verbose')).toBe('chunk 1\nchunk 2\nchunk 3\n')
    })

    test('Expect: 100-continue', async () => {
      const said = await ask(
        '/echo',
        '--include',
        '-H',
        'Expect: 100-continue',
        '--expect100-timeout',
        '15',
        '--data',
        'abc',
      )
      expect(said.endsWith('abc')).toBe(true)
    })

    test('100 MB', async () => {
      expect(await ask('/bytes/100000000', '-o', '/dev/null', '--write-out', '%{size_download}')).toBe(
        '100000000',
      )
    })

    // With prior knowledge, curl 7 fails at this against any server: it does not know yet that streams can share.
    test.runIf(tls)('many at once on one connection', async () => {
      const words = Array.from({ length: 49 }, () => url('/bytes/1000'))
      expect((await ask('/bytes/1000', '--parallel', ...words)).length).toBe(50_000)
    })
  })
})

describeWithPeer('nghttp', (nghttp) => {
  describe.each(BOTH)('%s', (_name, tls) => {
    const { url } = served(tls)

    test('requests with priorities, padding and CONTINUATION', async () => {
      const { stdout } = await run(nghttp, [
        '-v',
        '-m',
        '5',
        '-b',
        '100',
        '--continuation',
        url('/'),
        url('/trailers'),
      ])
      expect(stdout.match(/:status: 200/g)).toHaveLength(10)
      expect(stdout).toContain('x-lines: 3')
      expect(stdout).not.toMatch(/RST_STREAM|error_code=(?!NO_ERROR)/)
    })

    test('small windows', async () => {
      const { stdout } = await run(nghttp, ['-w', '1', '-W', '2', url('/bytes/1000')])
      expect(stdout).toHaveLength(1_000)
    })
  })
})

describeWithPeer('h2load', (h2load) => {
  describe.each(BOTH)('%s', (_name, tls) => {
    const { url } = served(tls)

    test.each([
      ['20,000 requests', ['-n', '20000', '-c', '4', '-m', '50'], '/'],
      ['large answers', ['-n', '200', '-c', '2', '-m', '10'], '/bytes/1000000'],
      ['small windows', ['-n', '500', '-c', '2', '-m', '10', '-w', '10', '-W', '12'], '/bytes/60000'],
    ])('%s', async (_what, words, path) => {
      const { stdout } = await run(h2load, [...words, url(path)])
      const total = words[1]
      expect(stdout).toContain(`${total} succeeded, 0 failed, 0 errored, 0 timeout`)
    })
  })
})

describeWithPeer('h2spec', (h2spec) => {
  describe.each(BOTH)('%s', (_name, tls) => {
    const { port } = served(tls)

    test('every case, strict', async () => {
      const { stdout: version } = await run(h2spec, ['--version'])
      const words = ['-h', '127.0.0.1', '-p', String(port()), '-S', '-o', '10', ...(tls ? ['-t', '-k'] : [])]
      const { stdout } = await run(h2spec, words, { timeout: 300_000 }).catch(
        (error: { stdout: string }) => error,
      )
      const verdict = /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/.exec(stdout)
      console.log(`h2spec ${version.trim()}, ${tls ? 'TLS' : 'h2c'}: ${verdict?.[0] ?? stdout.slice(-500)}`)
      expect(verdict?.[1], stdout.slice(-3_000)).toBe(verdict?.[2])
      expect(Number(verdict?.[1])).toBeGreaterThan(140)
    }, 320_000)
  })
})

// It starts the client once per case, on a port of its own.
describeWithPeer('h2specd', (h2specd) => {
  const directory = mkdtempSync(join(tmpdir(), 'hyper-h2specd-'))
  afterAll(() => rmSync(directory, { recursive: true }))

  test.each(BOTH)(
    'every case, strict: %s',
    async (_name, tls) => {
      const { cert, key } = await testCertificate()
      writeFileSync(join(directory, 'cert.pem'), cert)
      writeFileSync(join(directory, 'key.pem'), key)
      const program = join(import.meta.dirname, '..', 'dist', 'reference-client.js')
      const client = `${process.execPath} ${program} --http2 --insecure --linger 300`
      const files = tls ? ['-t', '-c', join(directory, 'cert.pem'), '-k', join(directory, 'key.pem')] : []
      const said = async (): Promise<string> => {
        const [from] = await freePorts(150)
        const words = ['-f', String(from), '-S', '-o', '30', '-e', client, ...files]
        const options = { timeout: 300_000, maxBuffer: 1e8 }
        return (await run(h2specd, words, options).catch((error: { stdout: string }) => error)).stdout
      }
      const verdictOf = (text: string): RegExpExecArray | null =>
        /(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed/.exec(text)
      let stdout = await said()
      // It gives all up, without a verdict, when one client is late.
      if (verdictOf(stdout) === null) stdout = await said()
      const verdict = verdictOf(stdout)
      console.log(`h2specd, ${tls ? 'TLS' : 'h2c'}: ${verdict?.[0] ?? stdout.slice(-500)}`)
      expect(verdict?.[1], stdout.slice(-3_000)).toBe(verdict?.[2])
      expect(Number(verdict?.[1])).toBeGreaterThan(50)
    },
    640_000,
  )
})
