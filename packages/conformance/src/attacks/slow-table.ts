// Slowness: a client that holds a connection by doing next to nothing.
import { get, HOST, postLength, request } from '../prober/requests.ts'
import { dribble, expectOutcome, type Attack, type Target } from './attack.ts'
import type { Step } from '../prober/wire.ts'

const SHORT = { handshake: 400, headers: 600, idle: 600, receive: 400, send: 500 } as const
const RATE = { timeouts: SHORT, limits: { minBodyRate: 1_000, minBodyRateGrace: 400 } } as const
const SETTINGS = { timeouts: SHORT, limits: { minBodyRate: 0 } } as const
// For what must be in time: seconds remain on a machine that does something else, too.
const LONG = { handshake: 4_000, headers: 4_000, idle: 4_000, receive: 4_000, send: 4_000 } as const
const AMPLE = { timeouts: LONG, limits: { minBodyRate: 0 } } as const
const TIMED_OUT = { statuses: [408], closed: true } as const
const SILENT_END = { statuses: [], closed: true } as const
const SERVED = { statuses: [200], closed: false } as const

function run(
  steps: readonly Step[],
  outcome: Parameters<typeof expectOutcome>[2],
): (target: Target) => Promise<string | null> {
  return (target) => expectOutcome(target, steps, outcome)
}

const HEAD = get('/', 'X-A: a\r\n')

export const SLOW_ATTACKS: readonly Attack[] = [
  {
    name: 'silent connection ends without a word',
    known: 'CVE-2018-12122',
    side: 'beyond',
    settings: SETTINGS,
    run: run([], SILENT_END),
  },
  {
    name: 'a first byte in time is served',
    known: 'CVE-2018-12122',
    side: 'within',
    settings: AMPLE,
    run: run([{ pause: 150 }, get('/')], SERVED),
  },
  {
    name: 'slowloris: a head that stops gets 408',
    known: 'CVE-2007-6750',
    side: 'beyond',
    settings: SETTINGS,
    run: run([`GET / HTTP/1.1\r\n${HOST}`], TIMED_OUT),
  },
  {
    name: 'one byte that is never followed gets 408',
    known: 'CVE-2007-6750',
    side: 'beyond',
    settings: SETTINGS,
    run: run(['G'], TIMED_OUT),
  },
  {
    name: 'header dribble: each line does not buy more time',
    known: 'CVE-2007-6750',
    side: 'beyond',
    settings: SETTINGS,
    run: run([`GET / HTTP/1.1\r\n${HOST}`, ...dribble('X-A: a\r\n', 40, 100)], TIMED_OUT),
  },
  {
    name: 'header dribble: a slow head that ends in time is served',
    known: 'CVE-2007-6750',
    side: 'within',
    settings: AMPLE,
    run: run([`GET / HTTP/1.1\r\n${HOST}`, ...dribble('X-A: a\r\n', 5, 50), '\r\n'], SERVED),
  },
  {
    name: 'byte dribble: each byte does not buy more time',
    known: 'CVE-2007-6750',
    side: 'beyond',
    settings: SETTINGS,
    run: run(
      Array.from(HEAD.slice(0, -1)).flatMap((byte): Step[] => [byte, { pause: 40 }]),
      TIMED_OUT,
    ),
  },
  {
    name: 'CRLFs before the request do not buy time',
    known: 'CVE-2007-6750',
    side: 'beyond',
    settings: SETTINGS,
    run: run(dribble('\r\n', 4, 250), { statuses: [408], closed: true, orReset: true }),
  },
  {
    name: 'keep-alive idle ends without a word',
    known: 'CVE-2019-5737',
    side: 'beyond',
    settings: SETTINGS,
    run: run([get('/')], { statuses: [200], closed: true }),
  },
  {
    name: 'keep-alive: the next request in time is served',
    known: 'CVE-2019-5737',
    side: 'within',
    settings: AMPLE,
    run: run([get('/'), { until: 1 }, { pause: 2_100 }, get('/'), { until: 2 }, { pause: 2_100 }, get('/')], {
      statuses: [200, 200, 200],
      closed: false,
    }),
  },
  {
    name: 'keep-alive: a second head that stops gets 408',
    known: 'CVE-2019-5737',
    side: 'beyond',
    settings: SETTINGS,
    run: run([get('/'), { until: 1 }, 'GET /'], { statuses: [200, 408], closed: true }),
  },
  {
    name: 'slow body: a stall gets 408',
    known: 'CVE-2007-6750 (R-U-Dead-Yet)',
    side: 'beyond',
    settings: SETTINGS,
    run: run([postLength('/discard', 'abc', '10')], TIMED_OUT),
  },
  {
    name: 'slow body: a stalled chunked body gets 408',
    known: 'CVE-2007-6750 (R-U-Dead-Yet)',
    side: 'beyond',
    settings: SETTINGS,
    run: run([request('POST', '/discard', 'Transfer-Encoding: chunked\r\n', '5\r\nhel')], TIMED_OUT),
  },
  {
    name: 'slow body: pauses shorter than the limit are served',
    known: 'CVE-2007-6750 (R-U-Dead-Yet)',
    side: 'within',
    settings: AMPLE,
    run: run([postLength('/discard', '', '4'), ...dribble('a', 4, 1_200)], SERVED),
  },
  {
    name: 'slow body: a byte now and then is below the lowest rate',
    known: 'CVE-2007-6750 (R-U-Dead-Yet)',
    side: 'beyond',
    settings: RATE,
    run: run([postLength('/discard', '', '1000'), ...dribble('a', 60, 50)], TIMED_OUT),
  },
  {
    name: 'slow body: chunks of a byte are below the lowest rate',
    known: 'CVE-2007-6750 (R-U-Dead-Yet)',
    side: 'beyond',
    settings: RATE,
    run: run(
      [request('POST', '/discard', 'Transfer-Encoding: chunked\r\n'), ...dribble('1\r\na\r\n', 60, 50)],
      TIMED_OUT,
    ),
  },
  {
    name: 'slow body: above the lowest rate is served',
    known: 'CVE-2007-6750 (R-U-Dead-Yet)',
    side: 'within',
    settings: { timeouts: LONG, limits: { minBodyRate: 1_000, minBodyRateGrace: 1_000 } },
    run: run([postLength('/discard', '', '40000'), ...dribble('a'.repeat(1_000), 40, 50)], SERVED),
  },
  {
    name: 'trailer dribble is below the lowest rate',
    known: 'CVE-2007-6750',
    side: 'beyond',
    settings: RATE,
    run: run(
      [
        request('POST', '/discard', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n'),
        ...dribble('X-T: v\r\n', 60, 50),
      ],
      TIMED_OUT,
    ),
  },
]
