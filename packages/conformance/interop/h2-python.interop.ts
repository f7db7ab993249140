// Python's httpx (on h2 and hpack) against our server.
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startH2Reference, type H2Reference } from '../test/peers/h2-reference.ts'
import { findPeer } from './peer.ts'

const run = promisify(execFile)
const python = findPeer('python3')

if (python === undefined || !has(python))
  test.skip('peer python3 with httpx and h2: not on this machine', () => undefined)
else suite(python)

function has(path: string): boolean {
  try {
    execFileSync(path, ['-c', 'import httpx, h2'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function suite(path: string): void {
  describe.each([
    ['cleartext', false],
    ['TLS', true],
  ])('httpx, %s', (_name, tls) => {
    let server: H2Reference
    beforeAll(async () => {
      server = await startH2Reference({ tls })
    })
    afterAll(() => server.close())

    const script = async (text: string): Promise<string> => {
      const url = `${tls ? 'https' : 'http'}://127.0.0.1:${server.port}`
      const begin = `import httpx\nc = httpx.Client(http1=False, http2=True, verify=False, timeout=20)\nu = '${url}'\n`
      return (await run(path, ['-c', begin + text])).stdout
    }

    test('a request, and its version', async () => {
      expect(await script(`r = c.get(u + '/'); print(r.http_version, r.status_code, r.text)`)).toBe(
        'HTTP/2 200 Hello, World!\n',
      )
    })

    test('bodies both ways', async () => {
      expect(await script(`r = c.post(u + '/echo', content=b'x' * 3000000); print(len(r.content))`)).toBe(
        '3000000\n',
      )
      expect(await script(`r = c.get(u + '/bytes/5000000'); print(len(r.content))`)).toBe('5000000\n')
    })

    test('many requests on one connection, with headers that change', async () => {
      const many = `print(sum(len(c.get(u + '/bytes/10', headers={'x-n': str(i), 'x-long': 'v' * i}).content) for i in range(300)))`
      expect(await script(many)).toBe('3000\n')
    })
  })
}
