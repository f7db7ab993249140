import { inspect } from 'node:util'
import { chunkings, MockIo, toBytes, toText, VirtualRuntime } from '@hyper/testkit'
import {
  acceptProxied,
  type ProxyHeader,
  ProxyHeaderReader,
  type ProxyProtocolOptions,
  proxyPlan,
} from '@hyper/util/server'
import { describe, expect, test } from 'vitest'

// The PROXY protocol: headers of both versions, whole and in pieces, and whose are believed.

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n'
const AFTER = 'GET / HTTP/1.1\r\n'

/** A header of version 2. */
function v2(command: number, family: number, content: string, length: number = content.length): string {
  return SIGNATURE + String.fromCharCode(command, family, length >> 8, length & 0xff) + content
}

const bytes = (...values: number[]): string => String.fromCharCode(...values)
const tlv = (type: number, value: string): string =>
  bytes(type, value.length >> 8, value.length & 0xff) + value
const TCP4 = bytes(192, 0, 2, 1, 198, 51, 100, 2, 0x10, 0x92, 1, 0xbb)
const TCP6 = `${bytes(0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1)}${bytes(...Array<number>(10).fill(0), 0xff, 0xff, 127, 0, 0, 1)}${bytes(0x10, 0x92, 1, 0xbb)}`

/** Whole, byte by byte, and cut everywhere; each with bytes behind it, which are not touched. */
function read(text: string, maxSize?: number): ProxyHeader {
  const all: ProxyHeader[] = []
  for (const pieces of chunkings(toBytes(text + AFTER), { maxCuts: 128 })) {
    const reader = new ProxyHeaderReader(maxSize)
    let rest = ''
    let header: ProxyHeader | null = null
    for (const piece of pieces.chunks) {
      if (header !== null) {
        rest += toText(piece)
        continue
      }
      const taken = reader.receive(piece)
      header = taken.header
      rest += header === null ? '' : toText(piece.subarray(taken.used))
      if (header === null) expect(taken.used).toBe(piece.length)
    }
    expect(rest).toBe(AFTER)
    all.push(header!)
  }
  for (const one of all) expect(one).toEqual(all[0])
  return all[0]!
}

function refused(text: string, maxSize?: number): string {
  const messages = new Set<string>()
  for (const pieces of chunkings(toBytes(text), { maxCuts: 128 })) {
    const reader = new ProxyHeaderReader(maxSize)
    try {
      for (const piece of pieces.chunks) expect(reader.receive(piece).header).toBe(null)
      messages.add('more is wanted')
    } catch (error) {
      expect(error).toMatchObject({ code: 'PROXY', by: 'peer', phase: 'connect' })
      messages.add((error as Error).message.replace('the PROXY header of a connection is malformed: ', ''))
    }
  }
  expect([...messages]).toHaveLength(1)
  return [...messages][0]!
}

describe('version 1', () => {
  test.each([
    ['PROXY TCP4 192.0.2.1 198.51.100.2 4242 443\r\n', ['192.0.2.1', 4242, '198.51.100.2', 443]],
    ['PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n', ['0.0.0.0', 0, '255.255.255.255', 65_535]],
    ['PROXY TCP6 2001:DB8:0::1 ::1 4242 443\r\n', ['2001:db8::1', 4242, '::1', 443]],
    [
      `PROXY TCP6 ${Array(2).fill('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff').join(' ')} 65535 65535\r\n`,
      [...Array(2).keys()].flatMap(() => ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 65_535]),
    ],
  ])('%j', (line, [remoteAddress, remotePort, localAddress, localPort]) => {
    const addresses = { remoteAddress, remotePort, localAddress, localPort }
    expect(read(line)).toEqual({ version: 1, isProxied: true, ...addresses, tlvs: [] })
  })

  test.each([
    'PROXY UNKNOWN\r\n',
    'PROXY UNKNOWN anything  at all\r\n',
    `PROXY UNKNOWN ${'x'.repeat(91)}\r\n`,
  ])('%j has no addresses', (line) => {
    expect(read(line)).toEqual({ version: 1, isProxied: false, tlvs: [] })
  })

  const SIX = 'its line has not six words'
  const FAMILY = 'its protocol is none of TCP4, TCP6 and UNKNOWN'
  test.each([
    ['GET / HTTP/1.1\r\n', 'there is no PROXY header'],
    ['PROXX TCP4', 'there is no PROXY header'],
    ['proxy TCP4', 'there is no PROXY header'],
    ['PROXY\r\n', 'there is no PROXY header'],
    ['PROXY \r\n', FAMILY],
    ['PROXY TCP5 1.1.1.1 1.1.1.1 1 1\r\n', FAMILY],
    ['PROXY  TCP4 1.1.1.1 1.1.1.1 1 1\r\n', FAMILY],
    ['PROXY tcp4 1.1.1.1 1.1.1.1 1 1\r\n', FAMILY],
    ['PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n', 'its line does not end in CR LF'],
    ['PROXY TCP4 1.1.1.1 1.1.1.1 1 1\rx', 'a CR within its line'],
    ['PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n', SIX],
    ['PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n', SIX],
    ['PROXY TCP4 1.1.1.1 1.1.1.1 1 1 \r\n', SIX],
    ['PROXY TCP4 1.1.1.1  1.1.1.1 1\r\n', 'a port that is none'],
    ['PROXY TCP4 01.1.1.1 1.1.1.1 1 1\r\n', 'an address that is not of IPv4'],
    ['PROXY TCP4 1.1.1.256 1.1.1.1 1 1\r\n', 'an address that is not of IPv4'],
    ['PROXY TCP4 ::1 ::1 1 1\r\n', 'an address that is not of IPv4'],
    ['PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n', 'an address that is not of IPv6'],
    ['PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n', 'an address that is not of IPv6'],
    ['PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r\n', 'a port that is none'],
    ['PROXY TCP4 1.1.1.1 1.1.1.1 1 01\r\n', 'a port that is none'],
    ['PROXY TCP4 1.1.1.1 1.1.1.1 +1 1\r\n', 'a port that is none'],
    [`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`, 'its line is longer than 107 bytes'],
    [`PROXY UNKNOWN ${'x'.repeat(9_000)}`, 'its line is longer than 107 bytes'],
  ])('%j is refused', (line, message) => {
    expect(refused(line)).toBe(message)
  })
})

describe('version 2', () => {
  const none = { version: 2, isProxied: false, tlvs: [] }
  const ipv4 = {
    version: 2,
    isProxied: true,
    remoteAddress: '192.0.2.1',
    remotePort: 4242,
    localAddress: '198.51.100.2',
    localPort: 443,
  }

  test.each([
    ['TCP over IPv4', v2(0x21, 0x11, TCP4), { ...ipv4, tlvs: [] }],
    [
      'TCP over IPv6',
      v2(0x21, 0x21, TCP6),
      { ...ipv4, remoteAddress: '2001:db8::1', localAddress: '::ffff:127.0.0.1', tlvs: [] },
    ],
    ['a unix socket', v2(0x21, 0x31, '\0'.repeat(216)), { ...none, isProxied: true }],
    ['UNSPEC', v2(0x21, 0x00, ''), none],
    ['LOCAL', v2(0x20, 0x00, ''), none],
    ['LOCAL with addresses', v2(0x20, 0x11, TCP4), none],
    ['LOCAL with too few', v2(0x20, 0x11, 'x'), none],
    ['LOCAL of a family that is none', v2(0x20, 0x99, 'whatever'), none],
    [
      'additions',
      v2(0x21, 0x11, TCP4 + tlv(2, 'a.example') + tlv(4, '') + tlv(0xee, 'x')),
      {
        ...ipv4,
        tlvs: [
          { type: 2, value: toBytes('a.example') },
          { type: 4, value: toBytes('') },
          { type: 0xee, value: toBytes('x') },
        ],
      },
    ],
  ])('%s', (_, text, header) => {
    expect(read(text)).toEqual(header)
  })

  test('a checksum that fits, and one that does not', () => {
    // CRC-32C of the header with zeros in place of the checksum.
    const content = (sum: string): string => TCP4 + tlv(3, sum) + tlv(4, 'padding')
    const sum = crc32c(toBytes(v2(0x21, 0x11, content('\0\0\0\0'))))
    const shown = bytes(sum >>> 24, (sum >>> 16) & 0xff, (sum >>> 8) & 0xff, sum & 0xff)
    expect(read(v2(0x21, 0x11, content(shown))).tlvs).toHaveLength(2)
    const wrong = bytes((sum >>> 24) ^ 1) + shown.slice(1)
    expect(refused(v2(0x21, 0x11, content(wrong)))).toBe('its checksum is wrong')
    expect(refused(v2(0x21, 0x11, TCP4 + tlv(3, 'abc')))).toBe('its checksum is wrong')
  })

  test.each([
    ['a signature that breaks off', `${SIGNATURE.slice(0, 11)}x`, 'there is no PROXY header'],
    ['version 1 of the block', v2(0x11, 0x11, TCP4), 'its version is neither 1 nor 2'],
    ['version 3', v2(0x31, 0x11, TCP4), 'its version is neither 1 nor 2'],
    ['a command that is none', v2(0x22, 0x11, TCP4), 'its command is neither LOCAL nor PROXY'],
    ['UDP', v2(0x21, 0x12, TCP4), 'what is proxied is no stream of a known family'],
    ['a family that is none', v2(0x21, 0x41, TCP4), 'what is proxied is no stream of a known family'],
    ['a protocol that is none', v2(0x21, 0x10, TCP4), 'what is proxied is no stream of a known family'],
    ['too few addresses', v2(0x21, 0x11, TCP4.slice(1)), 'it is too short for its addresses'],
    ['too few of IPv6', v2(0x21, 0x21, TCP4), 'it is too short for its addresses'],
    ['no addresses', v2(0x21, 0x31, ''), 'it is too short for its addresses'],
    ['an addition without a length', v2(0x21, 0x11, `${TCP4}\x02\0`), 'an addition that is cut off'],
    [
      'one that is too long',
      v2(0x21, 0x11, `${TCP4}\x02\0\x05abcd`),
      'an addition that is longer than the header',
    ],
    ['65 of them', v2(0x21, 0x11, TCP4 + tlv(4, '').repeat(65)), 'more than 64 additions'],
  ])('%s is refused', (_, text, message) => {
    expect(refused(text)).toBe(message)
  })

  test('64 additions, and a header as long as it may be', () => {
    expect(read(v2(0x21, 0x11, TCP4 + tlv(4, '').repeat(64))).tlvs).toHaveLength(64)
    const long = (size: number): string => v2(0x21, 0x11, TCP4 + tlv(4, 'x'.repeat(size - 16 - 12 - 3)))
    expect(read(long(4_096)).tlvs).toHaveLength(1)
    expect(refused(long(4_097))).toBe('it is longer than 4096 bytes')
    expect(read(long(300), 300).tlvs).toHaveLength(1)
    expect(refused(long(301), 300)).toBe('it is longer than 300 bytes')
  })
})

test('IPv6 is written as RFC 5952 has it', () => {
  const shown = (text: string): unknown => read(`PROXY TCP6 ${text} :: 1 1\r\n`).remoteAddress
  expect(shown('1:0:0:2:0:0:0:3')).toBe('1:0:0:2::3')
  expect(shown('1:0:0:2:3:0:0:4')).toBe('1::2:3:0:0:4')
  expect(shown('1:0:2:3:4:5:6:7')).toBe('1:0:2:3:4:5:6:7')
  expect(shown('0:0:0:0:0:0:0:0')).toBe('::')
  expect(shown('1:0:0:0:0:0:0:0')).toBe('1::')
  expect(shown('0:0:0:0:0:ffff:0102:0304')).toBe('::ffff:1.2.3.4')
})

describe('who is believed', () => {
  const LINE = 'PROXY TCP4 192.0.2.1 198.51.100.2 4242 443\r\n'

  async function accept(
    remoteAddress: string | undefined,
    options: ProxyProtocolOptions,
    ...sent: string[]
  ): Promise<{ client: unknown; text: string; isAborted: boolean; code: unknown }> {
    const io = new MockIo({ transport: 'mock', encrypted: false, remoteAddress })
    const runtime = new VirtualRuntime()
    let text = ''
    const accepting = acceptProxied(io, proxyPlan(options), runtime).then(
      (accepted) => {
        accepted.start({
          onData: (chunk) => ((text += toText(chunk)), false),
          onEnd() {},
          onDrain() {},
          onWriteError() {},
          onClose() {},
        })
        return { client: accepted.peer.remoteAddress, code: null }
      },
      (error: { code: string }) => ({ client: null, code: error.code }),
    )
    for (const piece of sent) io.feed(piece)
    await runtime.settle()
    const outcome = await accepting
    await runtime.settle()
    return { ...outcome, text, isAborted: io.aborted }
  }

  test.each([
    ['10.1.2.3', ['10.0.0.0/8']],
    ['10.1.2.3', ['10.1.2.3']],
    ['::ffff:10.1.2.3', ['10.0.0.0/8']],
    ['10.1.2.3', ['::ffff:10.1.2.3']],
    ['10.1.2.3', ['0.0.0.0/0']],
    ['10.1.2.3', ['::ffff:10.0.0.0/104']],
    ['::ffff:10.1.2.3', ['::ffff:0:0/96']],
    ['10.1.2.127', ['10.1.2.0/25']],
    ['fd00::1', ['192.0.2.0/24', 'fd00::/8']],
    [undefined, ['unix']],
  ])('%s, where %j are trusted', async (address, trusted) => {
    const accepted = await accept(address, { trusted }, LINE.slice(0, 9), LINE.slice(9) + AFTER)
    expect(accepted).toEqual({ client: '192.0.2.1', text: AFTER, isAborted: false, code: null })
  })

  test('in a log the client is seen', async () => {
    const io = new MockIo({ transport: 'mock', encrypted: false, remoteAddress: '10.0.0.1', localPort: 80 })
    const runtime = new VirtualRuntime()
    const accepting = acceptProxied(io, proxyPlan({ trusted: ['10.0.0.1'] }), runtime)
    io.feed('PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r\n')
    const { peer } = await accepting
    const seen = {
      transport: 'mock',
      remoteAddress: '192.0.2.1',
      remotePort: 1000,
      localAddress: '192.0.2.2',
      localPort: 443,
      encrypted: false,
    }
    expect(JSON.parse(JSON.stringify(peer))).toEqual(seen)
    expect(inspect(peer)).toContain("remoteAddress: '192.0.2.1'")
  })

  test.each([
    ['11.1.2.3', ['10.0.0.0/8']],
    ['11.1.2.3', ['::ffff:10.0.0.0/104']],
    ['::1', ['::ffff:0:0/96']],
    ['10.1.2.128', ['10.1.2.0/25']],
    ['fd00::1', ['10.0.0.0/8', 'fc00::/16', 'unix']],
    ['::ffff:10.1.2.3', ['::1']],
    [undefined, ['10.0.0.0/8']],
  ])('%s is refused, where %j are; or served as it is', async (address, trusted) => {
    const refusal = await accept(address, { trusted }, LINE)
    expect([refusal.code, refusal.isAborted, refusal.text]).toEqual(['PROXY', true, ''])
    const served = await accept(address, { trusted, others: 'serve' }, LINE + AFTER)
    expect(served).toEqual({ client: address, text: LINE + AFTER, isAborted: false, code: null })
  })

  test('a header that is malformed resets the connection', async () => {
    const accepted = await accept('10.0.0.1', { trusted: ['10.0.0.1'] }, AFTER)
    expect([accepted.code, accepted.isAborted]).toEqual(['PROXY', true])
  })

  test.each([
    ['the default', undefined, 10_000],
    ['an option', 700, 700],
  ])('timeout, %s: just in time, and too late', async (_, timeout, limit) => {
    for (const isLate of [false, true]) {
      const io = new MockIo({ transport: 'mock', encrypted: false, remoteAddress: '10.0.0.1' })
      const runtime = new VirtualRuntime()
      const accepting = acceptProxied(io, proxyPlan({ trusted: ['10.0.0.1'], timeout }), runtime)
      const outcome = accepting.then(
        (proxied) => proxied.peer.remoteAddress,
        (error: { code: string }) => error.code,
      )
      io.feed(LINE.slice(0, -1))
      await runtime.settle()
      runtime.advance(limit - (isLate ? 0 : 1))
      io.feed('\n')
      await runtime.settle()
      expect([await outcome, io.aborted]).toEqual(isLate ? ['IDLE_TIMEOUT', true] : ['192.0.2.1', false])
    }
  })

  test.each([
    [null, 'proxyProtocol needs `trusted`, a list of addresses and networks'],
    [{}, 'proxyProtocol needs `trusted`, a list of addresses and networks'],
    [{ trusted: '10.0.0.0/8' }, 'proxyProtocol needs `trusted`, a list of addresses and networks'],
    [{ trusted: [] }, 'proxyProtocol.trusted names nobody'],
    [{ trusted: ['proxy.example'] }, "proxyProtocol.trusted: 'proxy.example' is no address or network"],
    [{ trusted: ['10.0.0.0/33'] }, "proxyProtocol.trusted: '10.0.0.0/33' is no address or network"],
    [{ trusted: ['::ffff:0:0/95'] }, "proxyProtocol.trusted: '::ffff:0:0/95' is no address or network"],
    [{ trusted: ['fe80::1%eth0'] }, "proxyProtocol.trusted: 'fe80::1%eth0' is no address or network"],
    [{ trusted: ['10.0.0.0/'] }, "proxyProtocol.trusted: '10.0.0.0/' is no address or network"],
    [{ trusted: ['10.0.0.0/8/8'] }, "proxyProtocol.trusted: '10.0.0.0/8/8' is no address or network"],
    [{ trusted: [3] }, "proxyProtocol.trusted: '3' is no address or network"],
    [{ trusted: ['::1'], others: 'drop' }, "proxyProtocol.others must be 'refuse' or 'serve', not drop"],
    [{ trusted: ['::1'], maxSize: 231 }, 'proxyProtocol.maxSize must be a number from 232 to 65551, not 231'],
    [
      { trusted: ['::1'], maxSize: 65_552 },
      'proxyProtocol.maxSize must be a number from 232 to 65551, not 65552',
    ],
    [{ trusted: ['::1'], timeout: -1 }, 'proxyProtocol.timeout must be a number of at least 0, not -1'],
  ])('%j is refused', (options, message) => {
    expect(() => proxyPlan(options as unknown as ProxyProtocolOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    )
  })
})

/** The slow way. */
function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}
