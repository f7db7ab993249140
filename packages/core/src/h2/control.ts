import { HyperError } from '../error/index.ts'
import { DEFAULT_WINDOW, IDLE_SLOT, MAX_WINDOW, PING_SLOT, SETTINGS_SLOT, type H2Core } from './core.ts'
import {
  ACK,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  GoAwayFields,
  isPing,
  NO_ERROR,
  parseGoAway,
  parseSettings,
  PROTOCOL_ERROR,
  faultReason,
  reasonName,
  SettingsFields,
  writePing,
  writeSettings,
  writeSettingsAck,
  type Frame,
} from './frame/index.ts'
import { CAPACITY_EVENT, NONE } from './event.ts'
import { growStreamWindow } from './streams/send.ts'

// Frames about the connection: SETTINGS (RFC 9113 §6.5), PING (§6.7), GOAWAY (§6.8). Each function takes one frame and
// answers an event or NONE.

const FIELDS = new SettingsFields()
const GOAWAY_FIELDS = new GoAwayFields()

/** How long a peer may take to answer the ping of a graceful end. */
const SHUTDOWN_WAIT = 10_000

/** PING payloads say what they are for. */
const KEEP_ALIVE = Uint8Array.of(0x68, 0x79, 0x70, 0x65, 0x72, 0x6b, 0x61, 0x01)
const BANDWIDTH = Uint8Array.of(0x68, 0x79, 0x70, 0x65, 0x72, 0x62, 0x64, 0x02)
const SHUTDOWN = Uint8Array.of(0x68, 0x79, 0x70, 0x65, 0x72, 0x73, 0x64, 0x03)

/** Our SETTINGS, and the connection's window beyond the default (RFC 9113 §3.4). */
export function sendSettings(m: H2Core): void {
  const { settings } = m
  FIELDS.clear()
  if (settings.headerTableSize !== 4096) FIELDS.headerTableSize = settings.headerTableSize
  if (!settings.isServer) FIELDS.enablePush = 0
  if (settings.isServer) FIELDS.maxConcurrentStreams = Math.min(settings.maxConcurrentStreams, 0xffffffff)
  if (settings.streamWindow !== DEFAULT_WINDOW) FIELDS.initialWindowSize = settings.streamWindow
  if (settings.maxFrameSize !== 16_384) FIELDS.maxFrameSize = settings.maxFrameSize
  FIELDS.maxHeaderListSize = Math.min(settings.maxHeaderListSize, 0xffffffff)
  if (settings.connectProtocol) FIELDS.enableConnectProtocol = 1
  writeSettings(m.output.begin(), FIELDS)
  m.settingsPending++
  m.deadlines.set(SETTINGS_SLOT, m.now + settings.settingsTimeout)
  m.growConnectionWindow(settings.connectionWindow)
}

export function takeSettings(m: H2Core, frame: Frame): number {
  if (frame.has(ACK)) {
    takeSettingsAck(m)
    return NONE
  }
  if (!m.abuse.takeControl(m.now)) return tooMuch(m, 'too_many_settings')
  const fault = parseSettings(frame, FIELDS)
  if (fault !== 0) {
    m.fail(faultReason(fault), 'malformed SETTINGS')
    return NONE
  }
  // RFC 9113 §6.5.2: a server must not offer push to itself.
  if (!m.settings.isServer && FIELDS.enablePush === 1) {
    m.fail(PROTOCOL_ERROR, 'SETTINGS_ENABLE_PUSH from a server')
    return NONE
  }
  if (FIELDS.lowestHeaderTableSize >= 0) m.encoder.setPeerTableSize(FIELDS.lowestHeaderTableSize)
  if (FIELDS.headerTableSize >= 0) m.encoder.setPeerTableSize(FIELDS.headerTableSize)
  if (FIELDS.maxFrameSize >= 0) m.peerFrameSize = FIELDS.maxFrameSize
  if (FIELDS.enableConnectProtocol >= 0) m.peerConnectProtocol = FIELDS.enableConnectProtocol === 1
  if (FIELDS.initialWindowSize >= 0) setPeerWindow(m, FIELDS.initialWindowSize)
  if (m.failure !== null) return NONE
  const hadSettings = m.gotSettings
  m.gotSettings = true
  // Row 226: a first SETTINGS without a limit is one without limit; a later one without it changes nothing.
  if (FIELDS.maxConcurrentStreams >= 0) m.peerMaxStreams = FIELDS.maxConcurrentStreams
  else if (!hadSettings) m.peerMaxStreams = Infinity
  writeSettingsAck(m.output.begin())
  return m.settings.isServer ? NONE : CAPACITY_EVENT
}

// RFC 9113 §6.9.2: a new initial window moves every stream's window by the difference, below zero if need be.
function setPeerWindow(m: H2Core, size: number): void {
  const difference = size - m.peerWindow
  m.peerWindow = size
  for (const stream of m.streams.values()) {
    if (stream.sendWindow + difference > MAX_WINDOW) {
      m.fail(FLOW_CONTROL_ERROR, 'a stream window above 2^31-1')
      return
    }
    growStreamWindow(m, stream, difference)
  }
}

function takeSettingsAck(m: H2Core): void {
  if (m.settingsPending === 0) {
    m.fail(PROTOCOL_ERROR, 'SETTINGS acknowledged that were not sent')
    return
  }
  m.settingsPending--
  // Those that came later have made windows larger, and counted at once.
  if (m.settingsApply) return
  m.settingsApply = true
  m.deadlines.clear(SETTINGS_SLOT)
  m.decoder.setMaxTableSize(m.settings.headerTableSize)
  moveStreamWindows(m, m.settings.streamWindow)
  if (m.bandwidth !== null) growStreamWindows(m, m.bandwidth.window)
}

function moveStreamWindows(m: H2Core, size: number): void {
  const difference = size - m.streamWindow
  if (difference === 0) return
  m.streamWindow = size
  for (const stream of m.streams.values()) {
    stream.receiveWindow += difference
    stream.receiveTarget += difference
  }
}

/**
 * Makes the windows of all streams larger, of those to come as of those that are open (RFC 9113 §6.9.2). A body on a
 * connection that has grown would begin in a small window otherwise, and the measure, which has seen more than that, would
 * not let it grow (benchmarks, h2-wan). For us they count at once: a peer that does not know yet sends less.
 */
function growStreamWindows(m: H2Core, size: number): void {
  if (!m.settingsApply || size <= m.streamWindow) return
  moveStreamWindows(m, size)
  FIELDS.clear()
  FIELDS.initialWindowSize = size
  writeSettings(m.output.begin(), FIELDS)
  m.settingsPending++
  // What is held back before it is worth a frame grows with the window: what is held now is due.
  for (const stream of m.streams.values()) if (!stream.isDropping) m.payStream(stream)
}

export function takePing(m: H2Core, frame: Frame): number {
  if (!frame.has(ACK)) {
    if (!m.abuse.takeControl(m.now)) return tooMuch(m, 'too_many_pings')
    writePing(m.output.begin(), frame.bytes, true, frame.start)
    return NONE
  }
  if (isPing(frame, BANDWIDTH)) takeSample(m)
  else if (isPing(frame, SHUTDOWN)) finishShutdown(m)
  else if (isPing(frame, KEEP_ALIVE)) {
    m.pingSentAt = -1
    m.deadlines.clear(PING_SLOT)
    armPing(m)
  }
  return NONE
}

// RFC 9113 §5.2.2: windows that hold the bandwidth-delay product.
function takeSample(m: H2Core): void {
  const { bandwidth } = m
  if (bandwidth === null || !bandwidth.sample(m.now)) return
  m.growConnectionWindow(bandwidth.window)
  growStreamWindows(m, bandwidth.window)
}

/** DATA has arrived: perhaps the beginning of a sample. The last of a body begins none: nothing may come after it. */
export function noteBandwidth(m: H2Core, bytes: number, isLast: boolean): void {
  if (m.bandwidth !== null && m.bandwidth.take(bytes, m.now, isLast)) m.ping(BANDWIDTH)
}

/** Sets the clock of the ping that finds out whether the peer is alive, unless it runs. */
export function armPing(m: H2Core): void {
  const { settings } = m
  if (m.pingSentAt >= 0) return
  if (!settings.keepAliveWhileIdle && m.streams.size === 0) m.deadlines.clear(PING_SLOT)
  else if (m.deadlines.isOff(PING_SLOT)) m.deadlines.set(PING_SLOT, m.now + settings.keepAliveInterval)
}

/** The ping clock has run out: asks, or gives the peer up. */
export function pingDue(m: H2Core): void {
  if (m.pingSentAt >= 0) {
    const error = new HyperError('PING_TIMEOUT', null, { by: 'peer', elapsedMs: m.now - m.pingSentAt })
    m.end(error, NO_ERROR, 'ping timeout')
    return
  }
  // Row 184: a peer that is heard need not be asked.
  const due = m.heardAt + m.settings.keepAliveInterval
  if (due > m.now) {
    m.deadlines.set(PING_SLOT, due)
    return
  }
  m.pingSentAt = m.now
  m.ping(KEEP_ALIVE)
  m.deadlines.set(PING_SLOT, m.now + m.settings.keepAliveTimeout)
}

export function takeGoAway(m: H2Core, frame: Frame): number {
  parseGoAway(frame, GOAWAY_FIELDS)
  const { lastStream, reason } = GOAWAY_FIELDS
  if (m.goAwayReceived >= 0 && lastStream > m.goAwayReceived) {
    m.fail(PROTOCOL_ERROR, 'GOAWAY with a higher last stream than before')
    return NONE
  }
  m.goAwayReceived = lastStream
  m.goAwayReason = reason
  if (m.settings.isServer) return NONE
  const debug = m.settings.text.latin1(
    frame.bytes,
    GOAWAY_FIELDS.start,
    Math.min(GOAWAY_FIELDS.end, GOAWAY_FIELDS.start + 256),
  )
  for (const stream of m.streams.values()) {
    if (m.isPeers(stream.id) || stream.id <= lastStream) continue
    // RFC 9113 §6.8: what is beyond the last stream was not processed.
    const name = reasonName(reason)
    const error = new HyperError(
      'GOAWAY',
      `the server takes no more requests (${name}${debug === '' ? '' : `: ${debug}`})`,
      {
        by: 'peer',
        retryable: true,
        reason: name,
      },
    )
    m.forget(stream)
    m.resets.push({ stream, error: m.forRole(error) })
  }
  return CAPACITY_EVENT
}

/**
 * Begins a graceful end (RFC 9113 §6.8): a GOAWAY that warns, and once a ping is back, the one that counts.
 * @param grace how long the ping may take where there are no streams; 0 leaves it out there
 */
export function beginShutdown(m: H2Core, grace: number = 0): void {
  if (m.goAwaySent >= 0 || m.failure !== null) return
  m.reasons.push('keep-alive-off')
  const isIdle = m.streams.size === 0
  if (!m.settings.isServer || (isIdle && !(grace > 0))) {
    m.goAway(m.lastPeerId, NO_ERROR, '')
    m.isShutDown = true
    return
  }
  m.goAway(MAX_WINDOW, NO_ERROR, '')
  m.ping(SHUTDOWN)
  m.deadlines.set(IDLE_SLOT, m.now + (isIdle ? Math.min(grace, SHUTDOWN_WAIT) : SHUTDOWN_WAIT))
}

/** Nothing has happened for long: a graceful end; or, if the peer does not answer to its beginning, the end of that. */
export function idleDue(m: H2Core): void {
  if (m.goAwaySent < 0) beginShutdown(m)
  else finishShutdown(m)
}

function finishShutdown(m: H2Core): void {
  if (m.isShutDown || m.goAwaySent !== MAX_WINDOW) return
  m.goAway(m.lastPeerId, NO_ERROR, '')
  m.isShutDown = true
}

function tooMuch(m: H2Core, detail: string): number {
  m.fail(ENHANCE_YOUR_CALM, detail)
  return NONE
}
