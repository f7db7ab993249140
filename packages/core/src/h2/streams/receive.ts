import { HyperError } from '../../error/index.ts'
import { MAX_WINDOW, type H2Core } from '../core.ts'
import { smallDataCost } from '../abuse.ts'
import { noteBandwidth } from '../control.ts'
import { DATA_EVENT, END_EVENT, NONE, RESET_EVENT } from '../event.ts'
import {
  END_STREAM,
  ENHANCE_YOUR_CALM,
  faultReason,
  FLOW_CONTROL_ERROR,
  isStreamFault,
  parseRstStream,
  parseWindowUpdate,
  PROTOCOL_ERROR,
  reasonName,
  REFUSED_STREAM,
  STREAM_CLOSED,
  type Frame,
} from '../frame/index.ts'
import { mayReceive, maySend, RECEIVED_END } from './state.ts'
import { growStreamWindow } from './send.ts'
import { NO_LENGTH, type Stream } from './stream.ts'

// Frames on streams that bring no header block: DATA (RFC 9113 §6.1), RST_STREAM (§6.4), WINDOW_UPDATE (§6.9). Each
// function takes one frame and answers an event or NONE.

/** What a frame's events say; the machine has these fields. */
export interface StreamEvents extends H2Core {
  stream: Stream | null
  data: Uint8Array
  error: HyperError | null
  /** The stream whose END event follows a DATA event. */
  endPending: Stream | null
  gaveData: boolean
}

/** So much of a body that nobody wants is taken before its sender is told to stop. */
const DROP_BELOW = 65_536

/** What a frame may find in place of a stream: one that never was (a mistake), or one that is gone. */
export function isIdle(m: H2Core, id: number): boolean {
  return m.isPeers(id) ? id > m.lastPeerId : id >= m.nextId
}

export function takeData(m: StreamEvents, frame: Frame): number {
  const stream = m.streams.get(frame.stream)
  const size = frame.end - frame.start
  if (frame.isFirst) {
    m.isCredited = false
    if (!m.receiveWindow.take(frame.length)) {
      m.fail(FLOW_CONTROL_ERROR, 'more DATA than the connection window')
      return NONE
    }
    if (!frame.has(END_STREAM) && !m.abuse.takeData(frame.length - frame.padding)) {
      m.fail(ENHANCE_YOUR_CALM, 'too_many_data_frames')
      return NONE
    }
  }
  if (stream === undefined) return dataForNobody(m, frame, size)
  if (!mayReceive(stream.state)) {
    dropFrame(m, frame, size)
    m.streamError(stream, STREAM_CLOSED, 'DATA after END_STREAM')
    return NONE
  }
  if (frame.isFirst) {
    stream.receiveWindow -= frame.length
    if (stream.receiveWindow < 0) {
      dropFrame(m, frame, size)
      m.streamError(stream, FLOW_CONTROL_ERROR, 'more DATA than the stream window')
      return NONE
    }
  }
  // RFC 9113 §8.1: a message begins with its head. A server's streams have theirs.
  if (!stream.gotHead) {
    dropFrame(m, frame, size)
    m.streamError(stream, PROTOCOL_ERROR, 'DATA before the head')
    return NONE
  }
  noteBandwidth(m, size, frame.has(END_STREAM))
  return deliver(m, stream, frame, size)
}

function deliver(m: StreamEvents, stream: Stream, frame: Frame, size: number): number {
  stream.receivedAt = m.now
  stream.receivedBytes += size
  const ends = frame.isLast && frame.has(END_STREAM)
  // Padding is consumed as it comes, with the last of the data.
  if (frame.isLast && frame.padding > 0) {
    m.drop(frame.padding)
    if (!ends) m.owe(stream, frame.padding)
  }
  if (stream.expected !== NO_LENGTH) {
    stream.expected -= size
    if (stream.expected < 0 || (ends && stream.expected > 0)) {
      m.drop(size)
      m.streamError(stream, PROTOCOL_ERROR, 'DATA does not add up to Content-Length')
      return NONE
    }
  }
  if (ends) stream.move(RECEIVED_END)
  m.stream = stream
  if (size === 0) return ends ? END_EVENT : NONE
  if (stream.isDropping) {
    m.drop(size)
    m.abuse.returnData(size)
    stream.receiveOwed += size
    stream.dropped += size
    if (!ends && stream.dropped > DROP_BELOW && !maySend(stream.state)) m.stopPeer(stream)
    return ends ? END_EVENT : NONE
  }
  if (frame.isFirst && !frame.has(END_STREAM)) stream.smallCost += smallDataCost(frame.length - frame.padding)
  m.buffer(stream, size)
  m.data = frame.bytes.subarray(frame.start, frame.end)
  m.gaveData = true
  if (ends) m.endPending = stream
  return DATA_EVENT
}

// RFC 9113 §5.1: DATA for an idle stream is a mistake of the connection; for one that we have reset, or that our GOAWAY
// has ruled out, it is late; for any other closed stream it is a mistake.
function dataForNobody(m: H2Core, frame: Frame, size: number): number {
  dropFrame(m, frame, size)
  if (isIdle(m, frame.stream)) m.fail(PROTOCOL_ERROR, `DATA on idle stream ${frame.stream}`)
  else if (m.recentResets.has(frame.stream) || m.isBeyondGoAway(frame.stream)) m.abuse.returnData(size)
  else {
    m.fail(STREAM_CLOSED, `${frame.length} bytes of DATA on closed stream ${frame.stream}`)
  }
  return NONE
}

// What a frame has taken of the connection's window goes back: all of it with the first part that nobody wants.
function dropFrame(m: H2Core, frame: Frame, size: number): void {
  if (m.isCredited) return
  if (frame.isFirst) {
    m.isCredited = true
    m.drop(frame.length)
  } else m.drop(size + (frame.isLast ? frame.padding : 0))
}

export function takeReset(m: StreamEvents, frame: Frame): number {
  const reason = parseRstStream(frame)
  const stream = m.streams.get(frame.stream)
  if (stream === undefined) {
    if (isIdle(m, frame.stream)) m.fail(PROTOCOL_ERROR, `RST_STREAM on idle stream ${frame.stream}`)
    else if (!m.abuse.takeControl(m.now)) m.fail(ENHANCE_YOUR_CALM, 'too_many_resets')
    return NONE
  }
  // A stream that is reset before we have answered has cost us work for nothing.
  if (m.settings.isServer && maySend(stream.state) && !m.abuse.takeReset(m.now)) {
    m.fail(ENHANCE_YOUR_CALM, 'too_many_resets')
    return NONE
  }
  m.forget(stream)
  m.stream = stream
  m.error = m.forRole(
    new HyperError('STREAM_RESET', `the peer has reset the stream (${reasonName(reason)})`, {
      by: 'peer',
      reason: reasonName(reason),
      retryable: reason === REFUSED_STREAM,
    }),
  )
  return RESET_EVENT
}

export function takeWindowUpdate(m: H2Core, frame: Frame): number {
  const increment = parseWindowUpdate(frame)
  if (frame.stream === 0) {
    if (increment < 0) m.fail(faultReason(increment), 'WINDOW_UPDATE of 0')
    else m.growSendWindow(increment)
    return NONE
  }
  const stream = m.streams.get(frame.stream)
  if (stream === undefined) {
    if (isIdle(m, frame.stream)) m.fail(PROTOCOL_ERROR, `WINDOW_UPDATE on idle stream ${frame.stream}`)
    return NONE
  }
  if (increment < 0 && isStreamFault(increment))
    m.streamError(stream, faultReason(increment), 'WINDOW_UPDATE of 0')
  else if (stream.sendWindow + increment > MAX_WINDOW) {
    m.streamError(stream, FLOW_CONTROL_ERROR, 'stream window above 2^31-1')
  } else growStreamWindow(m, stream, increment)
  return NONE
}
