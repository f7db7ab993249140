import { setTimeout as sleep } from 'node:timers/promises'
import { pipeline } from 'node:stream'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { answered, type Listener, noted, play, type Play, watch } from './twin-servers.ts'

// What a listener sees and sends behind node:http, it sees and sends behind ours: statuses, fields, bodies, and the order
// of all events. Left out: date, connection, keep-alive, and whether a body that the listener has given no framing goes by
// its length or chunked.

const GET = 'GET /path?q=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const HEAD = GET.replace('GET', 'HEAD')
const POST = 'POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'
const CHUNKED =
  'POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n' +
  '3\r\nabc\r\n2\r\nde\r\n0\r\nX-End: 1\r\nX-end: 2\r\nSet-Cookie: a\r\n\r\n'

const watched =
  (listener: Listener): Listener =>
  (req, res, note) => {
    watch(req, res, note)
    listener(req, res, note)
  }

const codeOf = (task: () => unknown): string => {
  try {
    return `no error: ${String(task())}`
  } catch (error) {
    return `${(error as Error).name} ${(error as NodeJS.ErrnoException).code}`
  }
}

const stateOf = (res: ServerResponse): string =>
  JSON.stringify([
    res.headersSent,
    res.writableEnded,
    // How soon a transport has the last byte is its own affair.
    res.writableEnded && !res.closed && res.socket !== null ? '' : res.writableFinished,
    res.writable,
    res.destroyed,
    res.closed,
    res.socket === null,
  ])

const rows: Readonly<Record<string, Play>> = {
  'end with text': { listener: watched((_, res) => res.end('hello')), bytes: [GET] },
  'end with nothing': { listener: watched((_, res) => res.end()), bytes: [GET] },
  'end with bytes': { listener: watched((_, res) => res.end(Buffer.from('bytes'))), bytes: [GET] },
  'end beyond ASCII': { listener: watched((_, res) => res.end('grüße €')), bytes: [GET] },
  'end in hex': { listener: watched((_, res) => res.end('616263', 'hex')), bytes: [GET] },
  'end in latin1': { listener: watched((_, res) => res.end('gr\xfc\xdfe', 'latin1')), bytes: [GET] },
  'writeHead with an object': {
    listener: watched((_, res) =>
      res.writeHead(201, { 'X-One': '1', 'x-two': ['a', 'b'], 'X-Number': 7 }).end('x'),
    ),
    bytes: [GET],
  },
  'writeHead with a flat list': {
    listener: watched((_, res) => res.writeHead(200, ['X-A', '1', 'X-A', '2', 'Set-Cookie', 'a=b']).end('x')),
    bytes: [GET],
  },
  'writeHead with a list of pairs': {
    listener: watched((_, res) =>
      res
        .writeHead(200, [
          ['X-A', '1'],
          ['X-B', '2'],
        ] as unknown as string[])
        .end('x'),
    ),
    bytes: [GET],
  },
  'writeHead with a phrase': {
    listener: watched((_, res) => res.writeHead(404, 'Nope', { 'x-a': '1' }).end('x')),
    bytes: [GET],
  },
  'setHeader, appendHeader, removeHeader and writeHead together': {
    listener: watched((_, res, note) => {
      res.setHeader('X-One', '1')
      res.setHeader('Set-Cookie', ['a=1', 'b=2'])
      res.appendHeader('Set-Cookie', 'c=3')
      res.setHeader('X-Gone', '1')
      res.removeHeader('x-gone')
      res.setHeaders(new Map([['X-Map', 'm']]))
      note(
        JSON.stringify([
          res.getHeaders(),
          res.getHeaderNames(),
          res.hasHeader('x-one'),
          res.getHeader('X-ONE'),
        ]),
      )
      res.writeHead(200, { 'X-One': 'again', 'X-Two': '2' })
      note(JSON.stringify(res.getHeaders()))
      res.end('x')
    }),
    bytes: [GET],
  },
  'statusCode and statusMessage': {
    listener: watched((_, res) => {
      res.statusCode = 418
      res.statusMessage = 'Short and stout'
      res.end('tea')
    }),
    bytes: [GET],
  },
  'a status nobody knows': {
    listener: watched((_, res) => {
      res.statusCode = 599
      res.end('x')
    }),
    bytes: [GET],
  },
  'what a bad field throws': {
    listener: watched((_, res, note) => {
      note(codeOf(() => res.setHeader('bad name', '1')))
      note(codeOf(() => res.setHeader('x', 'a\r\nb')))
      note(codeOf(() => res.setHeader('x', undefined as unknown as string)))
      note(codeOf(() => res.writeHead(99)))
      note(codeOf(() => res.writeHead(200, { 'bad name': '1' })))
      note(codeOf(() => res.writeHead(200, { 'x-a': 'b\nc' })))
      note(codeOf(() => res.write(null)))
      note(codeOf(() => res.write(7 as unknown as string)))
      res.end('x')
    }),
    bytes: [GET],
  },
  'what comes after the head throws': {
    listener: watched((_, res, note) => {
      res.writeHead(200)
      note(codeOf(() => res.setHeader('x-a', '1')))
      note(codeOf(() => res.removeHeader('x-a')))
      note(codeOf(() => res.appendHeader('x-a', '1')))
      note(codeOf(() => res.writeHead(200)))
      res.end('x')
    }),
    bytes: [GET],
  },
  'states of a response on its way': {
    listener: watched((_, res, note) => {
      note(stateOf(res))
      res.on('finish', () => note(`finish ${stateOf(res)}`))
      res.on('close', () => note(`close ${stateOf(res)}`))
      res.write('a')
      note(stateOf(res))
      res.end('b')
      note(stateOf(res))
    }),
    bytes: [GET],
  },
  'parts, with callbacks': {
    listener: watched((_, res, note) => {
      res.write('a', () => note('a is out'))
      res.write('b', 'utf8', () => note('b is out'))
      res.end('c', () => note('all is out'))
    }),
    bytes: [GET],
  },
  'parts over time': {
    listener: watched((_, res, note) => {
      void (async () => {
        res.flushHeaders()
        note(stateOf(res))
        await sleep(5)
        res.write('one')
        await sleep(5)
        res.write('two')
        await sleep(5)
        res.end('three')
      })()
    }),
    bytes: [GET],
  },
  'the end in another turn': {
    listener: watched((_, res) => void setImmediate(() => res.end('late'))),
    bytes: [GET],
  },
  'end twice, write after end': {
    listener: watched((_, res, note) => {
      res.end('x', () => note('first'))
      res.end(() => note('second'))
      note(String(res.write('y', (error) => note(`write: ${(error as NodeJS.ErrnoException | null)?.code}`))))
    }),
    bytes: [GET],
  },
  'write after it has closed': {
    listener: watched((_, res, note) => {
      res.on('close', () => {
        note(
          String(res.write('y', (error) => note(`write: ${(error as NodeJS.ErrnoException | null)?.code}`))),
        )
      })
      res.end('x')
    }),
    bytes: [GET],
  },
  'content-length that is kept': {
    listener: watched((_, res) => {
      res.setHeader('Content-Length', 6)
      res.write('abc')
      setImmediate(() => res.end('def'))
    }),
    bytes: [GET],
  },
  strictContentLength: {
    listener: watched((_, res, note) => {
      res.strictContentLength = true
      res.setHeader('Content-Length', 3)
      res.flushHeaders()
      note(codeOf(() => res.write('abcdef')))
      res.end('abc')
    }),
    bytes: [GET],
  },
  'HEAD has no body': {
    listener: watched((_, res, note) => {
      res.setHeader('x-a', '1')
      note(String(res.write('not sent')))
      res.end('nor this')
    }),
    bytes: [HEAD],
  },
  'HEAD over time': {
    listener: watched((_, res) => {
      res.writeHead(200, { 'content-length': '10' })
      res.flushHeaders()
      setImmediate(() => res.end())
    }),
    bytes: [HEAD],
  },
  '204 has no body': { listener: watched((_, res) => res.writeHead(204).end('x')), bytes: [GET] },
  '304 has no body': {
    listener: watched((_, res) => res.writeHead(304, { etag: '"a"' }).end()),
    bytes: [GET],
  },
  'a body that nobody reads': { listener: watched((_, res) => res.end('done')), bytes: [POST] },
  'a body that is read': {
    listener: watched((req, res, note) => {
      req.on('data', (chunk: Buffer) => note(`data ${String(chunk)}`))
      req.on('end', () => {
        note(`end ${req.complete} ${req.readableEnded}`)
        res.end('read')
      })
    }),
    bytes: [POST],
  },
  'a body as text': {
    listener: watched((req, res) => {
      req.setEncoding('utf8')
      let text = ''
      req.on('data', (part: string) => (text += part))
      req.on('end', () => res.end(text.toUpperCase()))
    }),
    bytes: [POST],
  },
  'a body by its iterator': {
    listener: watched((req, res) => {
      void (async () => {
        let text = ''
        for await (const chunk of req) text += String(chunk)
        res.end(`got ${text}`)
      })()
    }),
    bytes: [POST],
  },
  'a body by readable and read': {
    listener: watched((req, res) => {
      let text = ''
      req.on('readable', () => {
        for (let chunk = req.read() as Buffer | null; chunk !== null; chunk = req.read() as Buffer | null)
          text += String(chunk)
      })
      req.on('end', () => res.end(text))
    }),
    bytes: [POST],
  },
  'a body that is piped back': { listener: watched((req, res) => void req.pipe(res)), bytes: [POST] },
  'a body through a pipeline': {
    listener: watched((req, res, note) => pipeline(req, res, (error) => note(`pipeline ${error?.message}`))),
    bytes: [CHUNKED],
  },
  'a body that comes slowly': {
    listener: watched((req, res) => {
      req.resume()
      req.on('end', () => res.end('all'))
    }),
    bytes: [POST.slice(0, -3), () => sleep(10).then(() => {}), POST.slice(-3)],
  },
  'a GET that is read to its end': {
    listener: watched((req, res, note) => {
      req.resume()
      req.on('end', () => {
        note(`complete ${req.complete}`)
        res.end('x')
      })
    }),
    bytes: [GET],
  },
  'trailers of a request': {
    listener: watched((req, res, note) => {
      note(JSON.stringify([req.trailers, req.rawTrailers]))
      req.resume()
      req.on('end', () => {
        note(JSON.stringify([req.trailers, req.rawTrailers, req.trailersDistinct]))
        res.end('x')
      })
    }),
    bytes: [CHUNKED],
  },
  'trailers of a response': {
    listener: watched((_, res) => {
      res.writeHead(200, { Trailer: 'X-Sum, X-List' })
      res.write('body')
      res.addTrailers({ 'X-Sum': '1', 'X-List': ['a', 'b'] as unknown as string })
      res.end()
    }),
    bytes: [GET.replace('\r\n\r\n', '\r\nTE: trailers\r\n\r\n')],
  },
  'fields of a request': {
    listener: watched((req, res, note) => {
      const {
        headers,
        headersDistinct,
        httpVersion,
        httpVersionMajor,
        httpVersionMinor,
        method,
        rawHeaders,
        url,
      } = req
      note(
        JSON.stringify({
          headers,
          headersDistinct,
          httpVersion,
          httpVersionMajor,
          httpVersionMinor,
          method,
          rawHeaders,
          url,
        }),
      )
      res.end('x')
    }),
    bytes: [
      'GET /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Many: 1\r\nx-many: 2\r\nCookie: a=1\r\nCookie: b=2\r\n' +
        'Set-Cookie: x\r\nSet-Cookie: y\r\nUser-Agent: one\r\nUser-Agent: two\r\nAge: 1\r\nAge: 2\r\nAccept: a\r\nAccept: b\r\n' +
        'Empty:\r\nSpaced:   v  \r\n__proto__: p\r\nconstructor: c\r\n\r\n',
    ],
  },
  'duplicates that are joined': {
    listener: watched((req, res, note) => {
      note(JSON.stringify(req.headers))
      res.end('x')
    }),
    options: { joinDuplicateHeaders: true },
    bytes: ['GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: 1\r\nUser-Agent: 2\r\n\r\n'],
  },
  'HTTP/1.0': {
    listener: watched((req, res, note) => {
      note(`${req.httpVersion} ${req.httpVersionMinor} ${res.shouldKeepAlive}`)
      res.write('a')
      res.end('b')
    }),
    bytes: ['GET / HTTP/1.0\r\n\r\n'],
  },
  'interim answers': {
    listener: watched((_, res, note) => {
      res.writeProcessing()
      res.writeEarlyHints({ link: '</a.css>; rel=preload', 'x-hint': '1' }, () => note('hints are out'))
      res.end('x')
    }),
    bytes: [GET],
  },
  'checkContinue, accepted': {
    listener: watched(() => {}),
    prepare: (server, note) =>
      server.on('checkContinue', (req, res: ServerResponse) => {
        note('checkContinue')
        res.writeContinue()
        req.resume()
        req.on('end', () => res.end('x'))
      }),
    bytes: [
      POST.replace('\r\n\r\nhello', '\r\nExpect: 100-continue\r\n\r\n'),
      () => sleep(10).then(() => {}),
      'hello',
    ],
  },
  'checkContinue, declined': {
    listener: watched(() => {}),
    prepare: (server, note) =>
      server.on('checkContinue', (_, res: ServerResponse) => {
        note('checkContinue')
        res.writeHead(403).end('no')
      }),
    bytes: [POST.replace('\r\n\r\nhello', '\r\nExpect: 100-continue\r\n\r\n')],
  },
  'an expectation that nobody knows': {
    listener: watched((_, res) => res.end('not asked')),
    bytes: [GET.replace('\r\n\r\n', '\r\nExpect: wonders\r\n\r\n')],
  },
  checkExpectation: {
    listener: watched((_, res) => res.end('not asked')),
    prepare: (server) =>
      server.on('checkExpectation', (_, res: ServerResponse) => res.writeHead(200).end('as you like')),
    bytes: [GET.replace('\r\n\r\n', '\r\nExpect: wonders\r\n\r\n')],
  },
  'two requests on one connection': {
    listener: watched((req, res, note) => {
      note(`${req.url}`)
      setImmediate(() => res.end(req.url))
    }),
    bytes: ['GET /1 HTTP/1.1\r\nHost: a\r\n\r\n', noted('req close'), GET],
  },
  'an upload that is cut off': {
    listener: watched((req, res, note) => {
      req.on('data', (chunk: Buffer) => note(`data ${String(chunk)}`))
      res.on('close', () => note(`${res.writableFinished} ${req.complete} ${req.aborted} ${req.destroyed}`))
    }),
    bytes: [POST.slice(0, -3), noted('data'), (socket) => void socket.destroy()],
  },
  'an upload that is cut off, by its iterator': {
    listener: (req, _, note) => {
      void (async () => {
        try {
          for await (const chunk of req) note(`data ${String(chunk)}`)
        } catch (error) {
          note(`thrown ${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`)
        }
      })()
    },
    bytes: [POST.slice(0, -3), noted('data'), (socket) => void socket.destroy()],
  },
  'a client that goes while it waits': {
    listener: watched((req, res, note) => {
      note('asked')
      res.on('close', () => note(`${res.writableEnded} ${req.complete} ${req.aborted} ${res.destroyed}`))
    }),
    bytes: [GET, noted('asked'), (socket) => void socket.destroy()],
  },
  'a client that goes in the middle of an answer': {
    listener: watched((_, res) => {
      res.write('begun')
    }),
    bytes: [GET, answered, (socket) => void socket.destroy()],
  },
  'destroy before an answer': {
    listener: watched((_, res) => void setImmediate(() => res.destroy())),
    bytes: [GET],
  },
  'destroy in the middle of an answer': {
    listener: watched((_, res) => {
      res.writeHead(200, { 'Content-Length': 10 })
      res.write('begun')
      setTimeout(() => res.destroy(new Error('enough')), 20)
    }),
    bytes: [GET],
  },
  'destroy the request': {
    listener: watched((req) => void setImmediate(() => req.destroy())),
    bytes: [POST],
  },
  'destroy the request with an error': {
    listener: watched(
      (req) => void setImmediate(() => req.destroy(Object.assign(new Error('no more'), { code: 'E' }))),
    ),
    bytes: [POST],
  },
  'destroy at once': { listener: watched((_, res) => void res.destroy()), bytes: [GET] },
  'a timeout that somebody hears': {
    listener: watched((_, res, note) => {
      res.setTimeout(60, () => {
        note('timeout')
        res.end('too late')
      })
    }),
    bytes: [GET],
  },
  'a timeout that nobody hears': { listener: watched((req) => void req.setTimeout(60)), bytes: [GET] },
}

describe('the same listener behind node:http and behind @hyper/server/node', () => {
  for (const [name, row] of Object.entries(rows)) {
    test(name, async () => {
      const expected = await play('node', row)
      const actual = await play('ours', row)
      expect(actual).toEqual(expected)
    })
  }
})
