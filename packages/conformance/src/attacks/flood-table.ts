// Floods: parts of a message that grow without end. Each limit from both sides, and each part as an endless stream.
import { HELLO_CHUNKED, HOST, request } from '../prober/requests.ts'
import { expectOutcome, type Attack, type AttackSettings, type Outcome, type Target } from './attack.ts'
import { pour } from './pour.ts'

const SETTINGS: AttackSettings = {}
const HEAD = `GET / HTTP/1.1\r\n${HOST}`
const SERVED: Outcome = { statuses: [200], closed: false }
const CHUNKED = request('POST', '/discard', 'Transfer-Encoding: chunked\r\n')
const KIB = 1_024
// What sockets may hold on their way, on both sides of the loopback.
const IN_FLIGHT = 12 * KIB * KIB

function refused(...statuses: number[]): Outcome {
  return { statuses, closed: true }
}

function row(name: string, known: string, side: Attack['side'], bytes: string, outcome: Outcome): Attack {
  const run = (target: Target): Promise<string | null> => expectOutcome(target, [bytes], outcome)
  return { name, known, side, settings: SETTINGS, run }
}

// Sends `start`, then `piece` for ever: the server must end it after a bounded number of bytes.
function endless(name: string, known: string, start: string, piece: string): Attack {
  const run = async (target: Target): Promise<string | null> => {
    const { sent, ended } = await pour(target, {
      start,
      piece: piece.repeat(Math.ceil((16 * KIB) / piece.length)),
      total: 64 * KIB * KIB,
      patience: 15_000,
    })
    if (!ended) return `still open after ${sent} bytes`
    return sent > IN_FLIGHT ? `took ${sent} bytes` : null
  }
  return { name, known, side: 'beyond', settings: SETTINGS, run }
}

function fields(count: number): string {
  return 'X-A: v\r\n'.repeat(count)
}

function valueOf(size: number): string {
  return `X-A: ${'a'.repeat(size)}\r\n`
}

function extended(size: number): string {
  return `5;${'a'.repeat(size)}\r\nhello\r\n0\r\n\r\n`
}

function extensions(count: number): string {
  return `${`1;${'a'.repeat(99)}\r\nx\r\n`.repeat(count)}0\r\n\r\n`
}

const TINY_COUNT = 100_000
const tiny = Buffer.from(`${CHUNKED}${'1\r\nx\r\n'.repeat(TINY_COUNT)}0\r\n\r\n`, 'latin1')

export const FLOOD_ATTACKS: readonly Attack[] = [
  row('100 fields are served', 'CVE-2018-12121', 'within', `${HEAD}${fields(99)}\r\n`, SERVED),
  row('101 fields get 431', 'CVE-2018-12121', 'beyond', `${HEAD}${fields(100)}\r\n`, refused(431)),
  row(
    'a head just below 64 KiB is served',
    'CVE-2018-12121',
    'within',
    `${HEAD}${valueOf(64 * KIB - 200)}\r\n`,
    SERVED,
  ),
  row(
    'a head just above 64 KiB gets 431',
    'CVE-2018-12121',
    'beyond',
    `${HEAD}${valueOf(64 * KIB)}\r\n`,
    refused(431),
  ),
  endless('fields without end are stopped', 'CVE-2018-12121', HEAD, 'X-A: v\r\n'),
  endless('a value without end is stopped', 'CVE-2018-12121', `${HEAD}X-A: `, 'a'),
  endless('a name without end is stopped', 'CVE-2018-12121', HEAD, 'a'),

  row(
    'a target of 32 KiB is served',
    'long target',
    'within',
    `GET /?${'a'.repeat(32 * KIB - 2)} HTTP/1.1\r\n${HOST}\r\n`,
    SERVED,
  ),
  row(
    'a target of 32 KiB and one gets 414',
    'long target',
    'beyond',
    `GET /?${'a'.repeat(32 * KIB - 1)} HTTP/1.1\r\n${HOST}\r\n`,
    refused(414),
  ),
  row(
    'a target without end gets 414 before its line ends',
    'long target',
    'beyond',
    `GET /?${'a'.repeat(40 * KIB)}`,
    refused(414),
  ),
  endless('a target without end is stopped', 'long target', 'GET /?', 'a'),
  row(
    'a method of 64 bytes is served',
    'long method',
    'within',
    `${'A'.repeat(64)} / HTTP/1.1\r\n${HOST}\r\n`,
    SERVED,
  ),
  row(
    'a method of 65 bytes gets 501',
    'long method',
    'beyond',
    `${'A'.repeat(65)} / HTTP/1.1\r\n${HOST}\r\n`,
    refused(501),
  ),
  endless('a method without end is stopped', 'long method', 'A', 'A'),

  row(
    'a chunk extension just below 16 KiB is served',
    'CVE-2024-22019',
    'within',
    CHUNKED + extended(16 * KIB - 50),
    SERVED,
  ),
  row(
    'a chunk extension just above 16 KiB is refused',
    'CVE-2024-22019',
    'beyond',
    CHUNKED + extended(16 * KIB + 50),
    refused(400),
  ),
  row(
    'chunk extensions of 15 KiB together are served',
    'CVE-2023-39326',
    'within',
    CHUNKED + extensions(150),
    SERVED,
  ),
  row(
    'chunk extensions of 18 KiB together are refused',
    'CVE-2023-39326',
    'beyond',
    CHUNKED + extensions(180),
    refused(400),
  ),
  endless('a chunk extension without end is stopped', 'CVE-2024-22019', `${CHUNKED}5;a`, 'a'),
  endless('chunk extensions without end are stopped', 'CVE-2023-39326', CHUNKED, '1;aaaaaaaa\r\nx\r\n'),

  row(
    'trailers of 15 KiB are served',
    'trailer flood',
    'within',
    `${CHUNKED}0\r\n${valueOf(15 * KIB)}\r\n`,
    SERVED,
  ),
  row(
    'trailers of 17 KiB are refused',
    'trailer flood',
    'beyond',
    `${CHUNKED}0\r\n${valueOf(17 * KIB)}\r\n`,
    refused(431),
  ),
  row('100 trailers are served', 'trailer flood', 'within', `${CHUNKED}0\r\n${fields(100)}\r\n`, SERVED),
  row(
    '101 trailers are refused',
    'trailer flood',
    'beyond',
    `${CHUNKED}0\r\n${fields(101)}\r\n`,
    refused(431),
  ),
  endless('trailers without end are stopped', 'trailer flood', `${CHUNKED}0\r\n`, 'X-A: v\r\n'),
  endless('a trailer without end is stopped', 'trailer flood', `${CHUNKED}0\r\nX-A: `, 'a'),

  {
    name: '100,000 chunks of one byte are served',
    known: 'tiny chunks',
    side: 'within',
    settings: SETTINGS,
    run: (target) => expectOutcome(target, [tiny], SERVED),
  },
  row(
    'zeros before a chunk size, sixteen digits, are served',
    'zeros',
    'within',
    `${CHUNKED}${'0'.repeat(15)}5\r\nhello\r\n0\r\n\r\n`,
    SERVED,
  ),
  row(
    'zeros before a chunk size, a thousand, are refused',
    'zeros',
    'beyond',
    `${CHUNKED}${'0'.repeat(1_000)}5\r\nhello\r\n0\r\n\r\n`,
    refused(400),
  ),
  endless('zeros before a chunk size without end are stopped', 'zeros', CHUNKED, '0'),
  row('four CRLFs before a request are served', 'CRLFs', 'within', `${'\r\n'.repeat(4)}${HEAD}\r\n`, SERVED),
  row(
    'five CRLFs before a request are refused',
    'CRLFs',
    'beyond',
    `${'\r\n'.repeat(5)}${HEAD}\r\n`,
    refused(400),
  ),
  row(
    'four CRLFs between requests are served',
    'CRLFs',
    'within',
    `${HEAD}\r\n${'\r\n'.repeat(4)}${HEAD}\r\n`,
    { statuses: [200, 200], closed: false },
  ),
  endless('CRLFs before a request without end are stopped', 'CRLFs', '', '\r\n'),
  row('an ordinary chunked body is served', 'control', 'within', CHUNKED + HELLO_CHUNKED, SERVED),
]
