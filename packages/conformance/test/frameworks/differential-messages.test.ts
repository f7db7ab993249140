import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import { finished, PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { answered, type Listener, type Note, noted, play, type Play, watch } from './twin-servers.ts'

// As differential.test.ts: the corners of both messages, what they say of themselves, and what they throw.

const GET = 'GET /path?q=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const KEPT = 'GET /kept HTTP/1.1\r\nHost: a\r\n\r\n'
const HEAD = GET.replace('GET', 'HEAD')
const POST = 'POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'
const CHUNKED =
  'POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'

const LINE = Number.parseInt(process.versions.node, 10)

type Thrown = NodeJS.ErrnoException

const codeOf = (task: () => unknown): string => {
  try {
    return `no error: ${String(task())}`
  } catch (error) {
    return `${(error as Error).name} ${(error as Thrown).code} ${(error as Error).message}`
  }
}

const watched =
  (listener: Listener): Listener =>
  (req, res, note) => {
    watch(req, res, note)
    listener(req, res, note)
  }

const says = (of: object, names: readonly string[]): string =>
  names.map((name) => `${name}=${String((of as Record<string, unknown>)[name])}`).join(' ')

const REQUEST = [
  'aborted',
  'complete',
  'destroyed',
  'readable',
  'readableEnded',
  'readableFlowing',
  'readableAborted',
  'readableDidRead',
  'readableObjectMode',
  'readableHighWaterMark',
  'readableEncoding',
  'errored',
  'closed',
  'statusCode',
  'statusMessage',
  'upgrade',
]
const RESPONSE = [
  'finished',
  'headersSent',
  'writable',
  'writableEnded',
  'writableObjectMode',
  'writableHighWaterMark',
  'writableCorked',
  'writableLength',
  'writableNeedDrain',
  'destroyed',
  'errored',
  'closed',
  'statusCode',
  'statusMessage',
  'sendDate',
  'shouldKeepAlive',
  'useChunkedEncodingByDefault',
  'strictContentLength',
  'maxRequestsOnConnectionReached',
]
const SOCKET = [
  'readable',
  'writable',
  'destroyed',
  'connecting',
  'pending',
  'readyState',
  'remoteAddress',
  'remoteFamily',
  'localAddress',
  'localFamily',
  'encrypted',
  'closed',
  'errored',
  'writableLength',
  'writableEnded',
  'writableFinished',
  'writableNeedDrain',
  'readableEnded',
  'readableLength',
  'allowHalfOpen',
  'bufferSize',
]

const rows: Readonly<Record<string, Play>> = {
  'what a request says of itself': {
    listener: (req, res, note) => {
      note(says(req, REQUEST))
      req.on('end', () => note(says(req, REQUEST)))
      req.on('close', () => {
        note(says(req, REQUEST))
        res.end('x')
      })
      req.resume()
    },
    bytes: [POST],
  },
  'what a response says of itself': {
    listener: (_, res, note) => {
      note(says(res, RESPONSE))
      res.on('finish', () => note(`${res.finished} ${res.writableEnded} ${res.writableFinished}`))
      res.on('close', () => note(`${res.closed} ${res.destroyed} ${String(res.errored)}`))
      res.writeHead(200)
      note(says(res, ['finished', 'headersSent', 'writableEnded', 'writable']))
      res.end('x')
      note(says(res, ['finished', 'headersSent', 'writableEnded', 'writable']))
    },
    bytes: [GET],
  },
  'what a socket says of itself': {
    listener: (req, res, note) => {
      note(says(req.socket, SOCKET))
      note(
        String([
          req.socket === res.socket,
          req.connection === req.socket,
          res.connection === res.socket,
          res.req === req,
          req instanceof IncomingMessage,
          res instanceof ServerResponse,
          typeof req.socket.remotePort,
          typeof req.socket.address(),
          req.socket.isPaused(),
          req.constructor === IncomingMessage,
          res.constructor === ServerResponse,
        ]),
      )
      res.on('close', () => note(`${res.socket === null} ${req.socket !== null}`))
      res.end('x')
    },
    bytes: [GET],
  },
  'fields in all spellings': {
    listener: (_, res, note) => {
      res.setHeader('X-One', 1)
      res.setHeader('x-one', 'two')
      res.setHeader('X-LIST', ['a', 'b'])
      res.setHeader('x-none', [])
      note(JSON.stringify([res.getHeaderNames(), res.getHeaders(), res.hasHeader('X-list')]))
      note(JSON.stringify((res as unknown as { getRawHeaderNames(): string[] }).getRawHeaderNames()))
      note(codeOf(() => res.getHeader(undefined as unknown as string)))
      note(codeOf(() => res.hasHeader(1 as unknown as string)))
      note(codeOf(() => res.removeHeader(null as unknown as string)))
      note(codeOf(() => res.setHeader('', 'x')))
      note(codeOf(() => res.setHeader('x', 'ä€')))
      note(codeOf(() => res.appendHeader('x-app', ['1', '2'])))
      note(codeOf(() => res.appendHeader('x-app', '3')))
      note(codeOf(() => res.setHeaders(new Headers({ a: '1', 'set-cookie': 'c=1' }))))
      note(codeOf(() => res.setHeaders({ a: '1' } as unknown as Headers)))
      note(JSON.stringify(res.getHeaders()))
      res.end('x')
    },
    bytes: [GET],
  },
  'writeHead: forms that fail': {
    listener: (_, res, note) => {
      for (const status of [0, 99, 1000, 'abc', -1, null, undefined, 200.5])
        note(codeOf(() => res.writeHead(status as number, { 'x-a': '1' }).statusCode))
    },
    bytes: [GET],
    prepare: (server) => server.on('request', (_, res: ServerResponse) => setImmediate(() => res.destroy())),
  },
  'writeHead: a list of odd length, and a phrase that cannot be': {
    listener: (_, res, note) => {
      note(codeOf(() => res.writeHead(200, ['a', 'b', 'c'])))
      note(codeOf(() => res.writeHead(200, 'bad\r\nphrase')))
      res.statusMessage = 'bad\nphrase'
      note(codeOf(() => res.writeHead(200)))
      res.statusMessage = 'Good'
      res.end('x')
    },
    bytes: [GET],
  },
  'writeHead: a list over what was set': {
    listener: (_, res, note) => {
      res.setHeader('x-a', 'set')
      res.setHeader('x-b', 'kept')
      res.writeHead(200, ['X-A', '1', 'X-C', '2', 'X-C', '3'])
      note(JSON.stringify(res.getHeaders()))
      res.end('x')
    },
    bytes: [GET],
  },
  'writeHead: an array of one, undefined and null among fields': {
    listener: (_, res, note) => {
      note(codeOf(() => res.writeHead(200, { a: undefined }).statusCode))
      if (!res.headersSent)
        note(codeOf(() => res.writeHead(200, { a: null as unknown as string }).statusCode))
      res.end('x')
    },
    bytes: [GET],
  },
  'status codes with their phrases': {
    listener: (req, res, note) => {
      res.statusCode = Number(req.url?.slice(1))
      res.end('x')
      note(res.statusMessage)
    },
    bytes: [201, 202, 206, 207, 226, 299, 300, 308, 404, 418, 421, 451, 500, 511, 599, 600, 999].map(
      (status) =>
        `GET /${status} HTTP/1.1\r\nHost: a\r\n${status === 999 ? 'Connection: close\r\n' : ''}\r\n`,
    ),
  },
  'flushHeaders twice, and then fields': {
    listener: watched((_, res, note) => {
      res.setHeader('x-a', '1')
      res.flushHeaders()
      res.flushHeaders()
      note(codeOf(() => res.setHeader('x-b', '1')))
      note(codeOf(() => res.setHeaders(new Map([['x-c', '1']]))))
      note(codeOf(() => res.writeHead(404)))
      res.end('x')
    }),
    bytes: [GET],
  },
  'fields after the end': {
    listener: watched((_, res, note) => {
      res.end('x')
      note(codeOf(() => res.setHeader('x-b', '1')))
      note(codeOf(() => res.writeHead(404)))
      note(codeOf(() => res.flushHeaders()))
      note(codeOf(() => res.addTrailers({ a: '1' })))
      // Node 22 still sends one, behind the answer.
      if (LINE > 22) note(codeOf(() => res.writeContinue()))
    }),
    bytes: [GET],
  },
  'write after end': {
    listener: watched((_, res, note) => {
      res.on('error', (error: Thrown) => note(`${error.code} ${error.message}`))
      res.end('x')
      note(String(res.write('y')))
      note(
        String(
          res.end('z', (error?: Error | null) => note(`ended: ${(error as Thrown | null)?.code}`)) === res,
        ),
      )
    }),
    bytes: [GET],
  },
  'end once more, in another turn': {
    listener: watched((_, res, note) => {
      res.end('x')
      res.on('close', () => {
        res.end((error?: Error | null) => note(`late: ${(error as Thrown | null)?.code}`))
        note(String(res.write('y', (error) => note(`write: ${(error as Thrown | null)?.code}`))))
      })
    }),
    bytes: [GET],
  },
  'write with nothing': {
    listener: watched((_, res, note) => {
      note(String(res.write('')))
      note(`${res.headersSent}`)
      note(String(res.write(Buffer.alloc(0), () => note('empty is out'))))
      note(codeOf(() => res.write(undefined)))
      note(codeOf(() => res.write({})))
      note(codeOf(() => res.end({})))
      res.end()
    }),
    bytes: [GET],
  },
  'end with all forms of its arguments': {
    listener: watched((_, res, note) => {
      res.write('616263', 'hex', () => note('hex is out'))
      res.write(new Uint8Array([100]))
      res.end('ZQ==', 'base64', () => note('all is out'))
    }),
    bytes: [GET],
  },
  'cork and uncork': {
    listener: watched((_, res, note) => {
      res.cork()
      note(`${res.writableCorked}`)
      res.write('a')
      res.write('b')
      note(`${res.writableLength > 0}`)
      setImmediate(() => {
        res.uncork()
        note(`${res.writableCorked}`)
        res.end('c')
      })
    }),
    bytes: [GET],
  },
  'strictContentLength: too much, too little, and right': {
    listener: watched((req, res, note) => {
      res.strictContentLength = true
      res.setHeader('content-length', 3)
      note(codeOf(() => res.write('ab')))
      note(codeOf(() => res.end('cd')))
      note(codeOf(() => res.end()))
      note(codeOf(() => res.end('c')))
      note(req.url ?? '')
    }),
    bytes: [GET],
  },
  'addTrailers: what it refuses': {
    listener: watched((_, res, note) => {
      res.write('a')
      note(codeOf(() => res.addTrailers({ 'bad name': '1' })))
      note(codeOf(() => res.addTrailers({ a: 'b\nc' })))
      note(codeOf(() => res.addTrailers([['x-list', '1']] as unknown as readonly [string, string][])))
      res.end('b')
    }),
    bytes: [GET.replace('\r\n\r\n', '\r\nTE: trailers\r\n\r\n')],
  },
  'a length and a Trailer field': {
    listener: watched((_, res, note) => {
      res.setHeader('content-length', 1)
      res.setHeader('trailer', 'x')
      note(codeOf(() => res.end('x')))
      res.destroy()
    }),
    bytes: [GET],
  },
  'no date, no connection': {
    listener: (_, res) => {
      res.sendDate = false
      res.shouldKeepAlive = false
      res.end('x')
    },
    bytes: [KEPT],
  },
  'a connection that the answer closes': {
    listener: (_, res) => {
      res.setHeader('Connection', 'close')
      res.end('x')
    },
    bytes: [KEPT],
  },
  'interim answers of all kinds': {
    listener: watched((_, res, note) => {
      res.writeContinue(() => note('100 is out'))
      res.writeProcessing(() => note('102 is out'))
      note(codeOf(() => res.writeEarlyHints({ link: 'no link' })))
      note(codeOf(() => res.writeEarlyHints({})))
      res.writeEarlyHints({ link: ['</a>; rel=preload', '</b>; rel=preload'] })
      note(`${res.headersSent}`)
      res.end('x')
    }),
    bytes: [GET],
  },
  'pipe: events of both ends': {
    listener: watched((_, res, note) => {
      for (const name of ['pipe', 'unpipe'] as const) res.on(name, () => note(`res ${name}`))
      Readable.from(['a', 'b', 'c']).pipe(res)
    }),
    bytes: [GET],
  },
  'a pipe that does not end': {
    listener: watched((_, res, note) => {
      const source = new PassThrough()
      source.pipe(res, { end: false })
      source.on('end', () => {
        note(`${res.writableEnded}`)
        res.end('!')
      })
      source.end('piped')
    }),
    bytes: [GET],
  },
  'drain: more than the client takes at once': {
    listener: watched((_, res, note) => {
      const part = Buffer.alloc(1_000_000, 'x')
      let left = 20
      let drains = 0
      const more = (): void => {
        while (left > 0) {
          left--
          if (!res.write(part)) {
            res.once('drain', () => {
              drains++
              more()
            })
            if (left === 19) note(`needs drain ${res.writableNeedDrain}`)
            return
          }
        }
        res.end(() => note(`drained ${drains > 0}`))
      }
      more()
    }),
    bytes: [GET],
  },
  'finished: of a response and of a request': {
    listener: (req, res, note) => {
      finished(res, (error) => note(`res ${(error as Thrown | undefined)?.code}`))
      finished(req, (error) => note(`req ${(error as Thrown | undefined)?.code}`))
      req.resume()
      res.end('x')
    },
    bytes: [POST],
  },
  'a body that is asked for, and an answer that is complete at once': {
    listener: (req, res, note) => {
      req.on('data', (chunk: Buffer) => note(`data ${String(chunk)}`))
      req.on('end', () => note(`end ${req.complete}`))
      res.end('x')
    },
    bytes: [POST],
  },
  'a body that is asked for by readable, and an answer that is complete at once': {
    listener: (req, res, note) => {
      req.on('readable', () => {
        const chunk = req.read() as Buffer | null
        if (chunk !== null) note(`read ${String(chunk)}`)
      })
      res.end('x')
    },
    bytes: [POST],
  },
  'an upload that is cut short by the server': {
    listener: (req, res, note) => {
      req.once('data', () => {
        req.pause()
        res.end('enough', () => req.socket.destroySoon())
      })
      res.on('close', () => note('closed'))
    },
    bytes: [POST.replace('Content-Length: 5', 'Content-Length: 1000000'), answered],
  },
  'finished: of a response that the client leaves': {
    listener: (req, res, note) => {
      finished(res, (error) => note(`res ${(error as Thrown | undefined)?.code}`))
      finished(req, (error) => note(`req ${(error as Thrown | undefined)?.code}`))
      req.resume()
      res.write('begun')
    },
    bytes: [GET, answered, (socket) => void socket.destroy()],
  },
  'a chunked upload that nobody reads, and a client that leaves': {
    listener: watched((_, __, note) => note('asked')),
    bytes: [CHUNKED.slice(0, -10), noted('asked'), (socket) => void socket.destroy()],
  },
  'destroy right after a write': {
    listener: watched((req, res) => {
      res.write('begun')
      process.nextTick(() => req.socket.destroy())
    }),
    bytes: [GET],
  },
  'destroy the socket with an error': {
    listener: (req, _, note) => {
      req.socket.on('error', (error) => note(`socket error ${error.message}`))
      req.socket.on('close', (hadError) => note(`socket close ${hadError}`))
      setImmediate(() => req.socket.destroy(new Error('boom')))
    },
    bytes: [GET],
  },
  'pause, resume and unshift of a request': {
    listener: (req, res, note) => {
      req.pause()
      req.on('data', (chunk: Buffer) => note(`data ${String(chunk)}`))
      note(`${req.isPaused()}`)
      setImmediate(() => {
        req.unshift(Buffer.from('first '))
        req.resume()
      })
      req.on('end', () => res.end('x'))
    },
    bytes: [POST],
  },
  'a request that is read in parts of a size': {
    listener: (req, res, note) => {
      req.on('readable', () => {
        for (let part = req.read(2) as Buffer | null; part !== null; part = req.read(2) as Buffer | null)
          note(String(part))
      })
      req.on('end', () => res.end('x'))
    },
    bytes: [POST],
  },
  'what is given up by breaking out of the iterator': {
    listener: watched((req, res, note) => {
      void (async () => {
        for await (const chunk of req) {
          note(`data ${String(chunk)}`)
          break
        }
        note(`${req.destroyed} ${res.writable}`)
        res.end('x')
      })()
    }),
    bytes: [POST],
  },
  'requests one after the other on one connection': {
    listener: (req, res, note) => {
      note(`${req.url} ${String(req.headers['x-n'])}`)
      if (req.headers['x-n'] === '2') setImmediate(() => res.end('second'))
      else res.end(req.url)
    },
    bytes: [
      KEPT.replace('\r\n\r\n', '\r\nX-N: 1\r\n\r\n') +
        KEPT.replace('\r\n\r\n', '\r\nX-N: 2\r\n\r\n') +
        GET.replace('\r\n\r\n', '\r\nX-N: 3\r\n\r\n'),
    ],
  },
  'emit that is replaced, and prototypes that are changed': {
    listener: watched((req, res, note) => {
      Object.setPrototypeOf(req, Object.create(Object.getPrototypeOf(req) as object) as object)
      Object.setPrototypeOf(res, Object.create(Object.getPrototypeOf(res) as object) as object)
      const end = res.end.bind(res) as (chunk: string) => ServerResponse
      res.end = ((chunk: string) => {
        note('end is wrapped')
        return end(chunk)
      }) as typeof res.end
      req.resume().on('end', () => res.end('x'))
    }),
    bytes: [POST],
  },
  'writeHead that is replaced': {
    listener: watched((_, res, note) => {
      const writeHead = res.writeHead.bind(res) as (status: number) => ServerResponse
      res.writeHead = ((status: number) => {
        note(`writeHead ${status}`)
        res.setHeader('x-late', '1')
        return writeHead(status)
      }) as typeof res.writeHead
      res.statusCode = 202
      res.end('x')
    }),
    bytes: [GET],
  },
  'HEAD with a length that is not sent': {
    listener: watched((_, res) => {
      res.setHeader('Content-Length', 100)
      res.end('not sent')
    }),
    bytes: [HEAD],
  },
  '304 with a length': {
    listener: watched((_, res) => res.writeHead(304, { 'X-A': '1' }).end('not sent')),
    bytes: [GET],
  },
  rejectNonStandardBodyWrites: {
    listener: watched((_, res, note) => {
      res.statusCode = 204
      note(codeOf(() => res.write('x')))
      note(codeOf(() => res.end('x')))
      if (!res.writableEnded) res.end()
    }),
    options: { rejectNonStandardBodyWrites: true },
    bytes: [GET],
  },
  uniqueHeaders: {
    listener: (_, res) => {
      res.setHeader('X-Unique', ['a', 'b'])
      res.setHeader('X-Many', ['a', 'b'])
      res.end('x')
    },
    options: { uniqueHeaders: ['x-unique'] },
    bytes: [GET],
  },
}

describe('corners of the messages, behind node:http and behind @hyper/server/node', () => {
  for (const [name, row] of Object.entries(rows)) {
    test(name, async () => {
      const expected = await play('node', row)
      const actual = await play('ours', row)
      expect(actual).toEqual(expected)
    })
  }
})

test('what observers are told of a request, in order', async () => {
  const heard: Record<string, string[]> = {}
  for (const maker of ['node', 'ours'] as const) {
    const notes: string[] = []
    const listen = [
      'http.server.request.start',
      'http.server.response.created',
      'http.server.response.finish',
    ].map((channel) => {
      const on = (message: unknown): void =>
        void notes.push(
          `${channel} ${Object.keys(message as object)
            .toSorted()
            .join()}`,
        )
      subscribe(channel, on)
      return () => unsubscribe(channel, on)
    })
    const listener = (_: IncomingMessage, res: ServerResponse, note: Note): void => {
      note('asked')
      notes.push('asked')
      res.end('x')
    }
    await play(maker, { listener, bytes: [GET] })
    for (const stop of listen) stop()
    heard[maker] = notes
  }
  expect(heard['ours']).toEqual(heard['node'])
})
