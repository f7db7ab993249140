import { protocolKey } from '@hyper/core/h2'
import type { HttpResponse } from '@hyper/core/http'
import { channel } from 'node:diagnostics_channel'
import { offersUpgrade } from '../fetch/offers-upgrade.ts'
import { makeRequest, makeResponse } from './messages.ts'
import { asSocket } from './socket.ts'
import type { Turn } from './turn.ts'
import { handOver } from './upgrade.ts'

// What a request becomes: Node's two messages, filled, and an event of the server, as Node chooses them.

/** As Node publishes them: what observers of `node:http` (APM agents) listen to. */
const STARTED = channel('http.server.request.start')

const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i
const KEEP_ALIVE = /(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i

/**
 * Makes the messages of a turn and tells the listeners of the server.
 * @returns the answer of a request that left HTTP; null for all others, which the messages answer
 */
export function dispatch(turn: Turn): HttpResponse | Promise<HttpResponse> | null {
  const { host, request, socket } = turn
  const { options, server } = host
  const isH2 = request.version === '2'
  const raw = request.headers.rawFields()
  // What reads bodies asks whether there is one as HTTP/1 says it (RFC 9112 §6.3); HTTP/2 says it by the frames.
  if (isH2 && !request.body.isEnd && !request.headers.has('content-length'))
    raw.push('transfer-encoding', 'chunked')
  const req = makeRequest(options.IncomingMessage, asSocket(socket), turn)
  turn.req = req
  req.httpVersionMajor = isH2 ? 2 : 1
  req.httpVersionMinor = request.version === '1.0' ? 0 : 1
  req.httpVersion = isH2 ? '2.0' : request.version
  req.method = request.method
  req.url = request.target
  req.upgrade = false
  if (options.joinDuplicateHeaders === true) req.joinDuplicateHeaders = true
  req._addHeaderLines(raw, raw.length)
  req.complete = request.body.isEnd
  const leaving = whereTo(turn)
  if (leaving !== null) return handOver(turn, leaving)
  const res = makeResponse(
    options.ServerResponse,
    req,
    {
      highWaterMark: host.highWaterMark,
      rejectNonStandardBodyWrites: options.rejectNonStandardBodyWrites === true,
    },
    turn,
  )
  turn.res = res
  // Node's constructor takes what is below 1.1 for 1.0.
  if (isH2) req.httpVersionMinor = 0
  const connection = request.headers.get('connection')
  if (request.version === '1.0') res.shouldKeepAlive = KEEP_ALIVE.test(connection ?? '')
  else if (connection !== null) res.shouldKeepAlive = !CLOSE.test(connection)
  res.socket = asSocket(socket)
  socket._httpMessage = res
  if (STARTED.hasSubscribers) STARTED.publish({ request: req, response: res, socket, server })
  const expect = request.headers.first('expect')
  if (expect === null) tell(turn)
  else if (CONTINUE.test(expect)) {
    // Without a listener the engine sends 100 when the body is first read.
    if (!server.emit('checkContinue', req, res)) tell(turn)
  } else if (!server.emit('checkExpectation', req, res)) res.writeHead(417).end()
  return null
}

function tell({ host, req, res }: Turn): void {
  // Who has no listener for requests has an answer for none.
  if (!host.server.emit('request', req, res)) res.writeHead(404).end()
}

/** The event of a request that leaves HTTP, if anybody listens for it; else it is a request like any other. */
function whereTo({ exchange, host, req, request }: Turn): 'connect' | 'upgrade' | null {
  const { options, server } = host
  if (request.method === 'CONNECT') {
    // RFC 8441: a WebSocket over HTTP/2 asks to leave by CONNECT.
    const event = exchange.extensions.get(protocolKey) === undefined ? 'connect' : 'upgrade'
    return server.listenerCount(event) > 0 ? event : null
  }
  if (!offersUpgrade(request)) return null
  const isWanted = options.shouldUpgradeCallback?.(req) ?? server.listenerCount('upgrade') > 0
  return isWanted ? 'upgrade' : null
}
