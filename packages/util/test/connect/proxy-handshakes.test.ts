import { HeaderMap } from '@hyper/core/http'
import { chunkings, toBytes, toText, withTrailing } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import type { HandshakeFault, ProxyHandshake } from '../../src/connect/proxy/handshake.ts'
import { Socks4Handshake } from '../../src/connect/proxy/socks4-handshake.ts'
import { Socks5Handshake } from '../../src/connect/proxy/socks5-handshake.ts'
import { socksTarget } from '../../src/connect/proxy/socks-target.ts'
import { TunnelHandshake } from '../../src/connect/proxy/tunnel-handshake.ts'

// Conversations with proxies in bytes: what we write, what they answer; whole, byte by byte, cut anywhere, with bytes of the
// destination behind the last answer.

/** Ours and theirs in turn; hexadecimal, or text where it does not look like it. */
type Script = readonly string[]

interface Outcome {
  readonly wrote: string
  readonly isDone: boolean
  readonly fault: HandshakeFault | null
  readonly leftover: string
}

function bytesOf(text: string): Uint8Array {
  return /^[\da-f ]+$/.test(text)
    ? new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
    : toBytes(text)
}

/** Feeds what the proxy says in the given chunks, and notes what is written in between. */
function play(handshake: ProxyHandshake, chunks: readonly Uint8Array[]): Outcome {
  let wrote = toText(handshake.takeOutput())
  let leftover = ''
  for (const chunk of chunks) {
    if (handshake.isDone) leftover += toText(chunk)
    else if (handshake.fault === null) {
      leftover += toText(chunk.subarray(handshake.receive(chunk)))
      wrote += toText(handshake.takeOutput())
    }
  }
  return { wrote, isDone: handshake.isDone, fault: handshake.fault, leftover }
}

/** Runs a whole conversation in every chunking. @returns the detail of the fault, the same in all of them */
function converse(make: () => ProxyHandshake, script: Script): string | null {
  const ours = script
    .filter((_, at) => at % 2 === 0)
    .map((text) => toText(bytesOf(text)))
    .join('')
  const theirs = toBytes(
    script
      .filter((_, at) => at % 2 === 1)
      .map((text) => toText(bytesOf(text)))
      .join(''),
  )
  let detail: string | null | undefined
  for (const { chunks, name } of chunkings(theirs)) {
    const outcome = play(make(), chunks)
    detail ??= outcome.fault?.detail ?? null
    expect([name, outcome.wrote, outcome.isDone, outcome.fault?.detail ?? null, outcome.leftover]).toEqual([
      name,
      ours,
      detail === null,
      detail,
      '',
    ])
  }
  if (detail !== null) return detail ?? null
  for (const { chunks, name, trailing } of withTrailing(theirs, 'SSH-2.0')) {
    expect([name, trailing, play(make(), chunks)]).toEqual([
      name,
      7,
      { wrote: ours, isDone: true, fault: null, leftover: 'SSH-2.0' },
    ])
  }
  return null
}

function ended(handshake: ProxyHandshake): string | undefined {
  handshake.handleEnd()
  return handshake.fault?.detail
}

describe('row 317: CONNECT', () => {
  const tunnel =
    (extra: object = {}) =>
    (): TunnelHandshake =>
      new TunnelHandshake({ authority: 'a.test:443', headers: null, authorization: null, ...extra })
  const ours = 'CONNECT a.test:443 HTTP/1.1\r\nhost: a.test:443\r\n\r\n'

  test.each([
    ['200', 'HTTP/1.1 200 Connection established\r\n\r\n'],
    ['200 by HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n'],
    ['any 2xx', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['200 with fields that mean nothing here', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nvia: 1.1 p\r\n\r\n'],
    ['200 that says chunked', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['interim responses before it', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ])('a way: %s', (_, theirs) => {
    expect(converse(tunnel(), [ours, theirs])).toBe(null)
  })

  test('its own fields, and the user name', () => {
    const headers = new HeaderMap([
      ['user-agent', 'guide/1.0'],
      ['x-a', '1'],
      ['x-a', '2'],
      ['host', 'other.test'],
    ])
    const make = tunnel({ headers, authorization: 'Basic dTpw' })
    expect(
      converse(make, [
        'CONNECT a.test:443 HTTP/1.1\r\nhost: a.test:443\r\nuser-agent: guide/1.0\r\nx-a: 1\r\nx-a: 2\r\nproxy-authorization: Basic dTpw\r\n\r\n',
        'HTTP/1.1 200 OK\r\n\r\n',
      ]),
    ).toBe(null)
    expect(headers.has('proxy-authorization')).toBe(false)
  })

  test('row 300: an IPv6 address is in authority-form too', () => {
    expect(
      converse(tunnel({ authority: '[2001:db8::1]:80' }), [
        'CONNECT [2001:db8::1]:80 HTTP/1.1\r\nhost: [2001:db8::1]:80\r\n\r\n',
        'HTTP/1.1 200 OK\r\n\r\n',
      ]),
    ).toBe(null)
  })

  test.each([
    [
      407,
      'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"\r\n\r\n',
      'it answered 407: it wants Basic credentials, or others than it got',
    ],
    [407, 'HTTP/1.1 407 No\r\n\r\n', 'it answered 407: it wants credentials, or others than it got'],
    [403, 'HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno', 'it answered 403'],
    [502, 'HTTP/1.1 502 Bad Gateway\r\n\r\n', 'it answered 502'],
    [301, 'HTTP/1.1 301 Moved\r\nlocation: http://b.test/\r\n\r\n', 'it answered 301'],
  ])('no way: %s', (status, theirs, detail) => {
    expect(converse(tunnel(), [ours, theirs])).toBe(detail)
    expect(play(tunnel()(), [toBytes(theirs)]).fault).toMatchObject({
      status,
      isAboutAddress: false,
    })
  })

  test.each([
    ['what is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'PARSE_VERSION'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n', 'VERSION_UNSUPPORTED'],
    ['101', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'PARSE_STATUS'],
    ['a field line that is none', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 'PARSE_HEADER'],
  ])('no sense: %s', (_, theirs, code) => {
    expect(converse(tunnel(), [ours, theirs])).toMatch(/^its answer makes no sense: /)
    expect(play(tunnel()(), [toBytes(theirs)]).fault).toMatchObject({ status: 0, cause: { code } })
  })

  test('a head of 8,192 bytes is read, one of a byte more is not', () => {
    const head = (size: number): string => {
      const frame = 'HTTP/1.1 200 OK\r\nx: \r\n\r\n'
      return frame.replace('x: ', `x: ${'a'.repeat(size - frame.length)}`)
    }
    expect(play(tunnel()(), [toBytes(head(8_192))]).isDone).toBe(true)
    const beyond = play(tunnel()(), [toBytes(head(8_193))])
    expect([beyond.isDone, beyond.fault?.detail]).toEqual([
      false,
      'the head of its answer has more than 8192 bytes',
    ])
    const endless = tunnel()()
    for (let sent = 0; endless.fault === null; sent += 100) {
      expect(sent).toBeLessThanOrEqual(8_200)
      endless.receive(toBytes(sent === 0 ? 'HTTP/1.1 200 OK\r\nx: ' : 'a'.repeat(100)))
    }
  })

  test('a proxy that hangs up', () => {
    const made = tunnel()()
    made.receive(toBytes('HTTP/1.1 200'))
    expect(ended(made)).toBe('it closed the connection before it had answered')
  })

  test.each([
    [{ authority: 'a b:1' }, 'INVALID_TARGET'],
    [{ authorization: 'a\r\nb' }, 'INVALID_HEADER_VALUE'],
  ])('what cannot be sent: %j', (wrong, code) => {
    expect(tunnel(wrong)).toThrow(expect.objectContaining({ code }))
  })
})

describe('row 318: SOCKS5', () => {
  const socks5 =
    (host: string, port: number, credentials: [string, string] | null = null, isOptimistic = false) =>
    (): Socks5Handshake => {
      const known = credentials === null ? null : { username: credentials[0], password: credentials[1] }
      return new Socks5Handshake(socksTarget(host, port), known, isOptimistic)
    }
  const bound = '0500 0001 7f000001 0050'

  test('without authentication, an IPv4 address', () => {
    expect(converse(socks5('192.0.2.1', 80), ['050100', '0500', '050100 01 c0000201 0050', bound])).toBe(null)
  })

  test('an IPv6 address', () => {
    expect(
      converse(socks5('2001:db8::1', 443), [
        '050100',
        '0500',
        '050100 04 20010db8000000000000000000000001 01bb',
        '05000004 00000000000000000000000000000001 0050',
      ]),
    ).toBe(null)
  })

  test('a name, which the proxy looks up; bound to a name', () => {
    expect(
      converse(socks5('a.test', 443), [
        '050100',
        '0500',
        '050100 03 06 612e74657374 01bb',
        '05000003 03 782e79 0050',
      ]),
    ).toBe(null)
  })

  test('the longest name that it can be bound to', () => {
    expect(
      converse(socks5('192.0.2.1', 80), [
        '050100',
        '0500',
        '050100 01 c0000201 0050',
        `05000003 ff ${'61'.repeat(255)} 0050`,
      ]),
    ).toBe(null)
  })

  test('user name and password, where the proxy asks for them', () => {
    expect(
      converse(socks5('192.0.2.1', 80, ['me', 'secret']), [
        '0502 0002',
        '0502',
        '01 02 6d65 06 736563726574',
        '0100',
        '050100 01 c0000201 0050',
        bound,
      ]),
    ).toBe(null)
  })

  test('a proxy that does not ask for them is not told', () => {
    expect(
      converse(socks5('192.0.2.1', 80, ['me', 'secret']), [
        '0502 0002',
        '0500',
        '050100 01 c0000201 0050',
        bound,
      ]),
    ).toBe(null)
  })

  test('optimistic: everything at once', () => {
    expect(
      converse(socks5('192.0.2.1', 80, null, true), ['050100 050100 01 c0000201 0050', `0500 ${bound}`]),
    ).toBe(null)
    expect(
      converse(socks5('192.0.2.1', 80, ['me', ''], true), [
        '0501 02 01 02 6d65 00 050100 01 c0000201 0050',
        `0502 0100 ${bound}`,
      ]),
    ).toBe(null)
    expect(
      converse(socks5('192.0.2.1', 80, ['me', ''], true), [
        '0501 02 01 02 6d65 00 050100 01 c0000201 0050',
        '0500',
      ]),
    ).toBe('it wants method 0 of authentication, which was not offered')
  })

  test.each([
    ['none that we offer', [...['050100', '05ff']], 'it accepts no way of authentication that we offer'],
    [
      'one that was not offered',
      ['050100', '0502'],
      'it wants method 2 of authentication, which was not offered',
    ],
    ['one of its own', ['050100', '0580'], 'it wants method 128 of authentication, which was not offered'],
    [
      'HTTP',
      ['050100', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
      'it does not speak SOCKS5: an answer begins with 72 instead of 5',
    ],
  ] as [string, Script, string][])('a method: %s', (_, script, detail) => {
    const heard = play(socks5('192.0.2.1', 80)(), [bytesOf(script[1] ?? '')])
    expect([heard.isDone, heard.fault?.detail, heard.fault?.isAboutAddress]).toEqual([false, detail, false])
  })

  test('a wrong password', () => {
    expect(
      converse(socks5('192.0.2.1', 80, ['me', 'x']), ['0502 0002', '0502', '01 02 6d65 01 78', '0101']),
    ).toBe('it does not accept the user name and password')
  })

  test.each([
    [1, 'general failure', false],
    [2, 'its rules do not allow it', false],
    [3, 'network unreachable', true],
    [4, 'host unreachable', true],
    [5, 'connection refused', true],
    [6, 'time to live expired', true],
    [7, 'it does not know the command', true],
    [8, 'it does not know this kind of address', true],
    [9, 'it answered with the unknown code 9', true],
  ])('reply %i: %s', (code, detail, isAboutAddress) => {
    const script = ['050100', '0500', '050100 01 c0000201 0050', `050${code}`]
    expect(converse(socks5('192.0.2.1', 80), script)).toBe(detail)
    const whole = bytesOf(`0500 050${code}0001 7f000001 0050`)
    expect(play(socks5('192.0.2.1', 80)(), [whole]).fault).toMatchObject({ detail, isAboutAddress })
  })

  test('an address of an unknown kind', () => {
    expect(
      converse(socks5('192.0.2.1', 80), ['050100', '0500', '050100 01 c0000201 0050', '0500000200']),
    ).toBe('its answer has an address of the unknown kind 2')
  })

  test('a proxy that hangs up', () => {
    expect(ended(socks5('192.0.2.1', 80)())).toBe('it closed the connection before it had answered')
  })

  test.each([
    ['a name of 256 bytes', () => socks5('a'.repeat(256), 80)()],
    ['no user name', () => socks5('a.test', 80, ['', 'x'])()],
    ['a user name of 256 bytes', () => socks5('a.test', 80, ['é'.repeat(128), 'x'])()],
    ['a password of 256 bytes', () => socks5('a.test', 80, ['x', 'a'.repeat(256)])()],
  ])('what cannot be sent: %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('row 319: SOCKS4 and 4a', () => {
  const socks4 =
    (host: string, port: number, user: string | null = null) =>
    (): Socks4Handshake =>
      new Socks4Handshake(socksTarget(host, port), user)

  test('an IPv4 address', () => {
    expect(converse(socks4('192.0.2.1', 80), ['0401 0050 c0000201 00', '005a 0000 00000000'])).toBe(null)
  })

  test('with a user name', () => {
    expect(
      converse(socks4('192.0.2.1', 443, 'me'), ['0401 01bb c0000201 6d65 00', '005a 01bb c0000201']),
    ).toBe(null)
  })

  test('4a: a name, which the proxy looks up', () => {
    expect(
      converse(socks4('a.test', 80, 'me'), [
        '0401 0050 00000001 6d65 00 612e74657374 00',
        '005a 0000 00000000',
      ]),
    ).toBe(null)
  })

  test('an IPv6 address cannot be asked for: nothing is written', () => {
    const made = socks4('2001:db8::1', 80)()
    expect([made.fault, toText(made.takeOutput())]).toEqual([
      { detail: 'SOCKS4 has no IPv6 addresses', status: 0, isAboutAddress: true },
      '',
    ])
  })

  test.each([
    ['5b', 'it refused, or could not connect'],
    ['5c', 'it could not ask our identd who we are'],
    ['5d', 'our identd names somebody else'],
    ['00', 'it answered with the unknown code 0'],
  ])('reply %s: %s', (code, detail) => {
    expect(converse(socks4('192.0.2.1', 80), ['0401 0050 c0000201 00', `00${code} 0000 00000000`])).toBe(
      detail,
    )
  })

  test('what is no SOCKS4', () => {
    expect(play(socks4('192.0.2.1', 80)(), [toBytes('HTTP/1.1 400')]).fault?.detail).toBe(
      'it does not speak SOCKS4: its answer begins with 72',
    )
  })

  test('a proxy that hangs up', () => {
    expect(ended(socks4('192.0.2.1', 80)())).toBe('it closed the connection before it had answered')
  })

  test.each(['a\0b', 'a'.repeat(256)])('a user name that cannot be sent: %j', (user) => {
    expect(socks4('192.0.2.1', 80, user)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
