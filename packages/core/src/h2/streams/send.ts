import { userError } from '../../error/index.ts'
import { parseLength } from '../../h1/framing.ts'
import { listHas } from '../../h1/list.ts'
import type { HeaderMap } from '../../http/header-map.ts'
import { isForbiddenTrailer } from '../../http/trailer-rules.ts'
import type { H2Core } from '../core.ts'
import { beginHeaders, endHeaders, writeDataHead } from '../frame/index.ts'
import { CLOSED, SENT_END } from './state.ts'
import { COPY_BELOW, TURN } from '../output.ts'
import { NO_LENGTH, type Stream } from './stream.ts'

// What we send on streams (RFC 9113 §8.1): header blocks at once, since they need no credit; data as far as the windows
// and the transport allow, the rest waits in its stream and is written in turns (schedule.ts). A message that announces a
// length has it, as over HTTP/1: one that has not is malformed (§8.1.1), costs some peers the whole connection, and is
// read in two ways where a proxy turns it into HTTP/1.

/** Begins a header block. @returns the place for `endBlock` */
export function beginBlock(m: H2Core): number {
  const out = m.output.begin()
  const at = beginHeaders(out)
  m.encoder.begin(out)
  return at
}

/** Ends a block that began at `at`. */
export function endBlock(m: H2Core, at: number, id: number, endStream: boolean): void {
  endHeaders(m.output.begin(), at, id, endStream, m.peerFrameSize)
}

/**
 * The length that fields announce, or NO_LENGTH.
 * @throws HyperError `UNEXPECTED_HEADER` for one that is no number, or more than one
 */
export function announcedLength(headers: HeaderMap): number {
  if (!headers.has('content-length')) return NO_LENGTH
  const values = headers.getAll('content-length')
  if (values.length > 1) throw userError('UNEXPECTED_HEADER', 'more than one Content-Length')
  const length = parseLength(values[0]!)
  if (length < 0) throw userError('UNEXPECTED_HEADER', 'Content-Length is not a decimal number')
  return length
}

/** @throws HyperError `UNEXPECTED_HEADER` for a body that is known not to have the length that was announced */
export function checkLength(announced: number, length: number): void {
  if (announced >= 0 && length >= 0 && announced !== length)
    throw userError('UNEXPECTED_HEADER', `Content-Length is ${announced}, the body's is ${length}`)
}

/** The fields of a message, without those that belong to an HTTP/1 connection (RFC 9113 §8.2.2). */
export function encodeFields(m: H2Core, headers: HeaderMap, isRequest: boolean): void {
  const { encoder } = m
  const flat = headers.fields()
  const named = headers.get('connection')
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    if (isLeftOut(name, value) || (named !== null && listHas(named, name))) continue
    if (name === 'te' && !(isRequest && value.toLowerCase() === 'trailers')) continue
    if (isRequest && name === 'host') continue
    encoder.field(name, value, headers.isSensitive(i / 2))
  }
}

function isLeftOut(name: string, value: string): boolean {
  switch (name) {
    case 'date':
      // An empty one is no date: who sets it wants none, not even ours.
      return value === ''
    case 'connection':
    case 'keep-alive':
    case 'proxy-connection':
    case 'transfer-encoding':
    case 'upgrade':
      return true
    default:
      return false
  }
}

/**
 * Data for a stream whose head is out; what exceeds the announced length is cut.
 * @returns false when the caller should wait for `drained`
 */
export function sendData(m: H2Core, stream: Stream, data: Uint8Array): boolean {
  if (stream.state === CLOSED || stream.endQueued) return true
  const chunk = stream.toSend >= 0 && data.length > stream.toSend ? data.subarray(0, stream.toSend) : data
  if (chunk.length === 0) return !stream.isBlocked
  if (stream.queued === 0) stream.sentAt = m.now
  if (stream.queue === null) stream.queue = [chunk]
  else stream.queue.push(chunk)
  stream.queued += chunk.length
  if (stream.toSend >= 0) stream.toSend -= chunk.length
  m.queued += chunk.length
  wake(m, stream)
  stream.isBlocked = stream.queued >= m.settings.maxSendBuffer || m.queued >= m.settings.maxSendBuffer * 4
  return !stream.isBlocked
}

/** A body that is there as a whole, and its end. Text has one byte per character. */
export function sendWhole(m: H2Core, stream: Stream, body: string | Uint8Array): void {
  if (stream.state === CLOSED || stream.endQueued) return
  const { length } = body
  const isFree = m.schedule.isEmpty && length <= COPY_BELOW && length <= m.peerFrameSize
  const isAsSaid = stream.toSend === length || stream.toSend === NO_LENGTH
  if (!isFree || !isAsSaid || length > m.sendWindow || length > stream.sendWindow) {
    sendData(m, stream, typeof body === 'string' ? m.settings.text.encodeLatin1(body) : body)
    sendEnd(m, stream, null)
    return
  }
  const out = m.output.begin()
  writeDataHead(out, stream.id, length, true)
  if (typeof body === 'string') out.latin1(body)
  else out.copy(body, 0, length)
  m.sendWindow -= length
  stream.endQueued = true
  stream.sentAt = m.now
  stream.move(SENT_END)
  m.sentEnd(stream)
}

/**
 * The end of a stream's message, after what is queued.
 * @throws HyperError `BODY_WRITE_ABORTED` when bytes that were announced are missing; the stream must be reset then
 */
export function sendEnd(m: H2Core, stream: Stream, trailers: HeaderMap | null): void {
  if (stream.state === CLOSED || stream.endQueued) return
  if (stream.toSend > 0) {
    throw userError('BODY_WRITE_ABORTED', `the body ended ${stream.toSend} bytes before its announced length`)
  }
  stream.endQueued = true
  stream.trailers = trailers
  if (stream.queued === 0) finish(m, stream, true)
  else wake(m, stream)
}

/** The stream may have credit for what it holds. */
export function wake(m: H2Core, stream: Stream): void {
  if (stream.queued > 0 && stream.sendWindow > 0) m.schedule.add(stream)
}

/** Credit for a stream, by WINDOW_UPDATE or SETTINGS. */
export function growStreamWindow(m: H2Core, stream: Stream, difference: number): void {
  stream.sendWindow += difference
  // RFC 9113 §6.9.2: a window that has shrunk below nothing sends nothing.
  if (stream.sendWindow <= 0) m.schedule.remove(stream)
  else wake(m, stream)
}

/**
 * Writes data of the streams that may, in turns, until the credit or the turn is used up.
 * @returns true when there is more that could be written
 */
export function writeStreams(m: H2Core): boolean {
  const { schedule } = m
  let written = 0
  if (!schedule.isEmpty && m.sendWindow > 0) m.output.expect(Math.min(m.queued, m.sendWindow))
  while (!schedule.isEmpty && m.sendWindow > 0 && m.failure === null) {
    if (written >= TURN) return true
    const stream = schedule.first()!
    written += writeFrame(m, stream)
    if (stream.queued === 0 || stream.sendWindow <= 0) schedule.remove(stream)
    else schedule.rotate(stream)
    if (stream.queued === 0 && stream.endQueued) finish(m, stream, false)
    unblock(m, stream)
  }
  return false
}

// One DATA frame of what a stream holds. The last one carries END_STREAM when no trailers follow.
function writeFrame(m: H2Core, stream: Stream): number {
  const queue = stream.queue!
  const length = Math.min(m.sendWindow, stream.sendWindow, m.peerFrameSize, stream.queued)
  const isLast = length === stream.queued && stream.endQueued && stream.trailers === null
  writeDataHead(m.output.begin(), stream.id, length, isLast)
  let left = length
  while (left > 0) {
    const chunk = queue[0]!
    const take = chunk.length < left ? chunk.length : left
    m.output.addBytes(chunk, 0, take)
    if (take === chunk.length) queue.shift()
    else queue[0] = chunk.subarray(take)
    left -= take
  }
  stream.queued -= length
  m.queued -= length
  stream.sendWindow -= length
  m.sendWindow -= length
  stream.sentAt = m.now
  return length
}

function encodeTrailers(m: H2Core, trailers: HeaderMap): void {
  const flat = trailers.fields()
  for (let i = 0; i < flat.length; i += 2) {
    if (!isForbiddenTrailer(flat[i]!)) m.encoder.field(flat[i]!, flat[i + 1]!, trailers.isSensitive(i / 2))
  }
}

// The message is complete on our side.
function finish(m: H2Core, stream: Stream, hasNotSaidSo: boolean): void {
  const { trailers } = stream
  if (trailers !== null) {
    const at = beginBlock(m)
    encodeTrailers(m, trailers)
    endBlock(m, at, stream.id, true)
  } else if (hasNotSaidSo) writeDataHead(m.output.begin(), stream.id, 0, true)
  stream.sentAt = m.now
  stream.move(SENT_END)
  m.sentEnd(stream)
}

function unblock(m: H2Core, stream: Stream): void {
  if (!stream.isBlocked || stream.queued * 2 > m.settings.maxSendBuffer) return
  stream.isBlocked = false
  m.drained.push(stream)
}
