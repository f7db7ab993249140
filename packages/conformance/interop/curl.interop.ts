import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithPeer } from './peer.ts'
import { startReferenceServer } from './reference-server.ts'
import type { ReferenceServer } from './reference-server.ts'

const run = promisify(execFile)

describeWithPeer('curl', (path) => {
  let server: ReferenceServer
  beforeAll(async () => {
    server = await startReferenceServer()
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  const curl = async (...args: readonly string[]): Promise<string> => {
    const words = args.map((word) => (word.startsWith('/') ? `http://127.0.0.1:${server.port}${word}` : word))
    const { stdout } = await run(path, ['--silent', '--show-error', '--max-time', '20', ...words])
    return stdout
  }

  test('a plain request', async () => {
    expect(await curl('/')).toBe('Hello, World!')
  })

  test('HTTP/1.0', async () => {
    expect(await curl('--http1.0', '/')).toBe('Hello, World!')
  })

  test('HEAD has the head of GET and no body', async () => {
    const head = await curl('--head', '/')
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head).toMatch(/^content-length: 13\r$/im)
  })

  test('two requests on one connection', async () => {
    expect(await curl('--write-out', ' %{num_connects}\n', '/', '/')).toBe(
      'Hello, World! 1\nHello, World! 0\n',
    )
  })

  test('a body of known length comes back', async () => {
    expect(await curl('--data-binary', 'x'.repeat(100_000), '/echo')).toBe('x'.repeat(100_000))
  })

  test('a chunked body comes back', async () => {
    expect(await curl('--header', 'Transfer-Encoding: chunked', '--data-binary', 'abc', '/echo')).toBe('abc')
  })

  test('Expect: 100-continue is answered before the body', async () => {
    const text = await curl(
      '--include',
      '--header',
      'Expect: 100-continue',
      '--expect100-timeout',
      '15',
      '--data',
      'abc',
      '/echo',
    )
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
    expect(text.endsWith('abc')).toBe(true)
  })

  test('informational responses come before the final one', async () => {
    expect(await curl('--include', '/early-hints')).toMatch(
      /^HTTP\/1\.1 103 .*\r\n[\s\S]*\r\n\r\nHTTP\/1\.1 200 /,
    )
  })

  test('a body of unknown length', async () => {
    expect(await curl('/stream/3')).toBe('chunk 1\nchunk 2\nchunk 3\n')
  })
})
