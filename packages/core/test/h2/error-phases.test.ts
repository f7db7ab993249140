import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { channel, type BodySender } from '../../src/body/index.ts'
import type { H2ClientOptions } from '../../src/h2/options.ts'
import type { HyperError } from '../../src/error/index.ts'
import { dialled, Dialled, type Box } from './dial-kit.ts'

// Every way in which a request over HTTP/2 can fail, in each place where it can be: waiting for the head of the answer, in
// the answer's body, or still sending with the answer complete. What the caller hears says which, in the words of HTTP/1.

const { data, goAway, headers, response, rst, settings, windowUpdate } = frames

/** Where the request is: `silent` has heard nothing, `interim` a 103, `body` a head and some data, `sending` all. */
type Place = 'silent' | 'interim' | 'body' | 'sending'

interface Scene {
  readonly it: Dialled
  readonly box: Box
  readonly sender: BodySender
  readonly abort: AbortController
  readonly reading: Promise<HyperError> | null
}

async function scene(place: Place, { options, isMute = false }: Partial<Row> = {}): Promise<Scene> {
  const it = new Dialled(options)
  await it.receive(settings({ initialWindowSize: 5 }), ...(isMute ? [] : [frames.settingsAck()]))
  const { sender, body } = channel()
  const abort = new AbortController()
  const box = it.request({ method: 'POST', body }, { signal: abort.signal })
  await it.written()
  if (place === 'interim') await it.receive(response(1, 103))
  if (place === 'body') await it.receive(response(1), data(1, 'a'))
  if (place === 'sending') await it.receive(response(1, 200, [], { endStream: true }))
  const reading = place === 'body' ? failure(box.response.text()) : null
  return { it, box, sender, abort, reading }
}

/** What the request, or the reader of its body, or the writer of its own hears. */
async function heard({ it, box, sender, reading }: Scene, place: Place): Promise<HyperError> {
  await it.written()
  if (place === 'silent' || place === 'interim') return box.error
  return reading ?? failure(sender.send('x'))
}

function failure(promise: Promise<unknown>): Promise<HyperError> {
  return promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: HyperError) => error,
  )
}

interface Row {
  readonly name: string
  readonly act: (scene: Scene) => unknown
  readonly options?: H2ClientOptions
  /** The server does not acknowledge our SETTINGS. */
  readonly isMute?: boolean
  readonly places?: readonly Place[]
  readonly code: string
  readonly by: string
  readonly reason?: string
  readonly retryable?: true
  /** Where it is not that of the place. */
  readonly phase?: string
  /** The connection is lost, so that `unanswered` says whether something of the answer had come. */
  readonly isLost?: true
}

const gone = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
const EARLY: readonly Place[] = ['silent', 'interim']
const ALL: readonly Place[] = ['silent', 'interim', 'body', 'sending']
const READING: readonly Place[] = ['silent', 'interim', 'body']
const PHASE = { silent: 'headers', interim: 'headers', body: 'body', sending: 'write' }

const ROWS: readonly Row[] = [
  {
    name: 'the server refuses it',
    act: ({ it }) => it.receive(rst(1, 'REFUSED_STREAM')),
    places: ['silent'],
    code: 'STREAM_RESET',
    by: 'peer',
    reason: 'REFUSED_STREAM',
    retryable: true,
  },
  {
    name: 'the server has ended and names a stream before it',
    act: ({ it }) => it.receive(goAway(0)),
    places: ['silent'],
    code: 'GOAWAY',
    by: 'peer',
    reason: 'NO_ERROR',
    retryable: true,
  },
  {
    name: 'the server resets it',
    act: ({ it }) => it.receive(rst(1, 'INTERNAL_ERROR')),
    code: 'STREAM_RESET',
    by: 'peer',
    reason: 'INTERNAL_ERROR',
  },
  {
    name: 'the server wants no more of it, too early',
    act: ({ it }) => it.receive(rst(1, 'NO_ERROR')),
    places: READING,
    code: 'STREAM_RESET',
    by: 'peer',
    reason: 'NO_ERROR',
  },
  {
    name: 'the server ends its half',
    act: ({ it }) => it.io.feedEnd(),
    code: 'INCOMPLETE_MESSAGE',
    by: 'peer',
    isLost: true,
  },
  {
    name: 'the server ends its half after a GOAWAY that says why',
    act: async ({ it }) => {
      await it.receive(goAway(1, 'ENHANCE_YOUR_CALM'))
      it.io.feedEnd()
    },
    code: 'INCOMPLETE_MESSAGE',
    by: 'peer',
    reason: 'ENHANCE_YOUR_CALM',
    isLost: true,
  },
  {
    name: 'the transport is closed',
    act: ({ it }) => it.io.feedClose(),
    code: 'CLOSED',
    by: 'peer',
    isLost: true,
  },
  {
    name: 'the transport is reset',
    act: ({ it }) => it.io.feedClose(gone),
    code: 'IO',
    by: 'io',
    isLost: true,
  },
  {
    name: 'the transport takes no more, and is closed',
    act: ({ it }) => {
      it.io.failWrites()
      it.io.feedClose()
    },
    code: 'IO',
    by: 'io',
    phase: 'write',
    isLost: true,
  },
  {
    name: 'a ping is not answered',
    act: async ({ it }) => {
      await it.after(1_000)
      await it.after(100)
    },
    options: { keepAliveInterval: 1_000, keepAliveTimeout: 100 },
    code: 'PING_TIMEOUT',
    by: 'peer',
    isLost: true,
  },
  {
    name: 'our SETTINGS are not acknowledged',
    act: ({ it }) => it.after(2_000),
    options: { settingsTimeout: 2_000 },
    isMute: true,
    code: 'SETTINGS_TIMEOUT',
    by: 'peer',
  },
  {
    name: 'the head does not come',
    act: async ({ it, sender }) => {
      sender.end()
      await it.written()
      await it.after(3_000)
    },
    options: { headersTimeout: 2_000 },
    places: EARLY,
    code: 'HEADERS_TIMEOUT',
    by: 'peer',
  },
  {
    name: 'the body stops',
    act: ({ it }) => it.after(4_000),
    options: { bodyIdleTimeout: 2_000 },
    places: ['body'],
    code: 'BODY_TIMEOUT',
    by: 'peer',
  },
  {
    name: 'the server gives no credit',
    act: async ({ it, sender }) => {
      void sender.send('more than it takes')
      await it.written()
      await it.after(4_000)
    },
    options: { sendTimeout: 2_000 },
    code: 'SEND_TIMEOUT',
    by: 'peer',
    phase: 'write',
  },
  {
    name: 'the transport stands still',
    act: async ({ it, sender }) => {
      it.io.hold()
      void sender.send('1234')
      await it.written()
      await it.after(2_000)
    },
    options: { sendTimeout: 2_000 },
    code: 'SEND_TIMEOUT',
    by: 'peer',
    phase: 'write',
  },
  {
    name: 'a field block does not end',
    act: async ({ it }) => {
      await it.receive(headers(1, [['a', 'b']], { endHeaders: false, endStream: true }))
      await it.after(10_000)
    },
    places: READING,
    code: 'HEADERS_TIMEOUT',
    by: 'peer',
  },
  {
    name: 'the head is too large',
    act: ({ it }) => it.receive(response(1, 200, [['a', 'b'.repeat(200)]])),
    options: { maxHeaderListSize: 100 },
    places: EARLY,
    code: 'HEAD_TOO_LARGE',
    by: 'peer',
    reason: 'PROTOCOL_ERROR',
  },
  {
    name: 'the head has too many fields',
    act: ({ it }) =>
      it.receive(
        response(1, 200, [
          ['a', 'b'],
          ['c', 'd'],
        ]),
      ),
    options: { maxHeaders: 2 },
    places: EARLY,
    code: 'HEAD_TOO_LARGE',
    by: 'peer',
    reason: 'PROTOCOL_ERROR',
  },
  {
    name: 'the trailers are too large',
    act: ({ it }) => it.receive(headers(1, [['a', 'b'.repeat(200)]], { endStream: true })),
    options: { maxHeaderListSize: 100 },
    places: ['body'],
    code: 'TRAILERS_TOO_LARGE',
    by: 'peer',
    reason: 'PROTOCOL_ERROR',
  },
  {
    name: 'too many interim responses come',
    act: ({ it }) => it.receive(response(1, 103), response(1, 103)),
    options: { maxInformational: 1 },
    places: EARLY,
    code: 'TOO_MANY_INFORMATIONAL',
    by: 'peer',
    reason: 'CANCEL',
  },
  {
    name: 'the response is malformed',
    act: ({ it }) => it.receive(headers(1, [['a', 'b']])),
    places: EARLY,
    code: 'STREAM_RESET',
    by: 'peer',
    reason: 'PROTOCOL_ERROR',
  },
  {
    name: 'the trailers are malformed',
    act: ({ it }) => it.receive(headers(1, [[':status', '200']], { endStream: true })),
    places: ['body'],
    code: 'STREAM_RESET',
    by: 'peer',
    reason: 'PROTOCOL_ERROR',
  },
  {
    name: 'more data comes than the stream may have',
    act: ({ it }) => it.receive(data(1, '12345678')),
    options: { initialStreamWindowSize: 5 },
    places: ['body'],
    code: 'STREAM_RESET',
    by: 'peer',
    reason: 'FLOW_CONTROL_ERROR',
  },
  {
    name: 'the window of the stream grows too far',
    act: ({ it }) => it.receive(windowUpdate(1, 0x7fffffff)),
    code: 'STREAM_RESET',
    by: 'peer',
    reason: 'FLOW_CONTROL_ERROR',
  },
  {
    name: 'the window of the connection grows too far',
    act: ({ it }) => it.receive(windowUpdate(0, 0x7fffffff)),
    code: 'H2_CONNECTION',
    by: 'peer',
    reason: 'FLOW_CONTROL_ERROR',
  },
  {
    name: 'a field block cannot be decoded',
    act: ({ it }) => it.receive(headers(1, Uint8Array.of(0x80))),
    code: 'H2_CONNECTION',
    by: 'peer',
    reason: 'COMPRESSION_ERROR',
  },
  {
    name: 'the server breaks a rule of the connection',
    act: ({ it }) => it.receive(frames.pushPromise(1, 2, [])),
    code: 'H2_CONNECTION',
    by: 'peer',
    reason: 'PROTOCOL_ERROR',
  },
  {
    name: 'the caller gives it up',
    act: ({ abort }) => abort.abort(new Error('enough')),
    code: 'CANCELED',
    by: 'user',
  },
  {
    name: 'the caller gives the connection up',
    act: ({ it }) => it.connection.abort(),
    code: 'CANCELED',
    by: 'user',
  },
]

/** RFC 9110 §15.6.3, §15.6.5: a service that has asked is a gateway. */
const statusOf = ({ by, code }: Row): number => (by === 'user' ? 0 : code.endsWith('_TIMEOUT') ? 504 : 502)

describe('a request fails', () => {
  for (const row of ROWS) {
    for (const place of row.places ?? ALL) {
      test(`${row.name}: ${place}`, async () => {
        const stage = await scene(place, row)
        await row.act(stage)
        const error = await heard(stage, place)
        const { code, by, phase, reason, retryable, unanswered, statusHint } = error
        expect({ code, by, phase, reason, retryable, unanswered, statusHint }).toEqual({
          code: row.code,
          by: row.by,
          phase: row.phase ?? PHASE[place],
          reason: row.reason ?? null,
          retryable: row.retryable ?? false,
          unanswered: row.isLost === true && place === 'silent',
          statusHint: statusOf(row),
        })
      })
    }
  }
})

test('what was never sent has no phase, and says that it may be sent', async () => {
  const it = await dialled({}, settings({ maxConcurrentStreams: 1 }))
  const abort = new AbortController()
  abort.abort()
  const aborted = it.request({}, { signal: abort.signal })
  it.request()
  const busy = it.request()
  await it.receive(goAway(1))
  const late = it.request()
  await it.written()
  expect(aborted.error).toMatchObject({ code: 'CANCELED', by: 'user', phase: null, retryable: false })
  expect(busy.error).toMatchObject({ code: 'NOT_READY', by: 'user', phase: null, retryable: true })
  expect(late.error).toMatchObject({ code: 'CLOSED', by: 'peer', phase: null, retryable: true })
})

test('each request on one connection has its own place', async () => {
  const it = await dialled()
  const [first, second, third] = [it.request(), it.request(), it.request()]
  await it.receive(response(1), response(3, 103))
  const reading = failure(first.response.text())
  it.io.feedClose(gone)
  await it.written()
  expect(await reading).toMatchObject({ code: 'IO', phase: 'body', unanswered: false, cause: gone })
  expect(second.error).toMatchObject({ code: 'IO', phase: 'headers', unanswered: false, cause: gone })
  expect(third.error).toMatchObject({ code: 'IO', phase: 'headers', unanswered: true, cause: gone })
  expect(it.end!.error).toMatchObject({ code: 'IO', phase: null, unanswered: false, cause: gone })
})

test('what the caller has done wrong keeps its own words', async () => {
  const { it, box, sender } = await scene('silent')
  sender.abort('why')
  await it.written()
  expect(box.error).toMatchObject({ code: 'BODY_WRITE_ABORTED', by: 'user', phase: null, cause: 'why' })
})
