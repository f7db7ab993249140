import { toText } from '@hyper/testkit'
import {
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME,
  FrameReader,
  GOAWAY,
  GoAwayFields,
  HEADERS,
  kindName,
  NEED_MORE,
  parseGoAway,
  parseRstStream,
  parseSettings,
  parseWindowUpdate,
  PING,
  readU31,
  reasonName,
  RST_STREAM,
  SETTINGS,
  SettingsFields,
  WINDOW_UPDATE,
  type Frame,
} from '../../src/h2/frame/index.ts'
import { HpackDecoder } from '../../src/h2/hpack/index.ts'
import { fieldsOf, WIDE } from './hpack-kit.ts'

// What a machine has written, as one line per frame, with the tables of a real peer kept from call to call. In: the
// output, in pieces that end where they like. Out: lines such as `HEADERS 1 end :status=200` or `DATA 1 end ok`.

/** One DATA frame or the announcement of credit, for those who count. */
export interface Counted {
  /** DATA that was sent, in octets. */
  data: number
}

const SETTINGS_NAMES: readonly (readonly [keyof SettingsFields, string])[] = [
  ['headerTableSize', 'table'],
  ['enablePush', 'push'],
  ['maxConcurrentStreams', 'streams'],
  ['initialWindowSize', 'window'],
  ['maxFrameSize', 'frame'],
  ['maxHeaderListSize', 'list'],
  ['enableConnectProtocol', 'connect'],
]

export class FrameLog {
  /** Called for every frame before its line is made. */
  onFrame: ((frame: Frame) => void) | null = null
  private readonly reader: FrameReader = new FrameReader(16_777_215)
  private readonly decoder: HpackDecoder = new HpackDecoder()
  private block: Uint8Array[] = []
  private head: string = ''
  private data: string = ''

  /** @throws Error for what no peer could read */
  read(bytes: Uint8Array): string[] {
    const lines: string[] = []
    this.reader.receive(bytes)
    for (;;) {
      const result = this.reader.next()
      if (result === NEED_MORE) return lines
      if (result !== FRAME) throw new Error(`unreadable output: fault ${result}`)
      this.onFrame?.(this.reader.frame)
      const line = this.line(this.reader.frame)
      if (line !== null) lines.push(line)
    }
  }

  /** True between frames and between header blocks. */
  get isWhole(): boolean {
    return this.reader.isBetweenFrames && this.block.length === 0
  }

  private line(frame: Frame): string | null {
    const { kind, stream } = frame
    if (this.block.length > 0 && kind !== 9) throw new Error(`${kindName(kind)} inside of a header block`)
    const end = frame.has(END_STREAM) ? ' end' : ''
    if (kind === DATA) {
      this.data += toText(frame.bytes.subarray(frame.start, frame.end))
      if (!frame.isLast) return null
      const data = this.data
      this.data = ''
      return `DATA ${stream}${end} ${data.length > 100 ? `[${data.length}]` : data}`.trimEnd()
    }
    if (kind === HEADERS || kind === 9) {
      if (kind === HEADERS) this.head = `HEADERS ${stream}${end}`
      return this.addBlock(frame)
    }
    return otherLine(frame)
  }

  private addBlock(frame: Frame): string | null {
    this.block.push(frame.bytes.slice(frame.start, frame.end))
    if (!frame.has(END_HEADERS)) return null
    const block = new Uint8Array(Buffer.concat(this.block))
    this.block = []
    const fault = this.decoder.decode(block, 0, block.length, WIDE)
    if (fault !== 0) throw new Error(`undecodable header block: ${fault}`)
    const fields = fieldsOf(this.decoder).map(([name, value]) => `${name}=${value}`)
    return [this.head, ...fields].join(' ')
  }
}

function otherLine(frame: Frame): string {
  const { kind, stream, bytes, start } = frame
  switch (kind) {
    case SETTINGS: {
      if (frame.has(1)) return 'SETTINGS ack'
      const values = new SettingsFields()
      if (parseSettings(frame, values) !== 0) throw new Error('malformed SETTINGS')
      const given = SETTINGS_NAMES.filter(([key]) => (values[key] as number) >= 0)
      return ['SETTINGS', ...given.map(([key, name]) => `${name}=${String(values[key])}`)].join(' ')
    }
    case PING: {
      const isOurs = toText(bytes.subarray(start, start + 5)) === 'hyper'
      return `PING${frame.has(1) ? ' ack' : ''} ${toText(bytes.subarray(start, start + (isOurs ? 7 : 8)))}`
    }
    case GOAWAY: {
      const fields = new GoAwayFields()
      parseGoAway(frame, fields)
      const debug = toText(bytes.subarray(fields.start, fields.end))
      return `GOAWAY ${fields.lastStream} ${reasonName(fields.reason)} ${debug}`.trimEnd()
    }
    case RST_STREAM:
      return `RST_STREAM ${stream} ${reasonName(parseRstStream(frame))}`
    case WINDOW_UPDATE: {
      const increment = parseWindowUpdate(frame)
      if (increment <= 0) throw new Error('WINDOW_UPDATE of 0')
      return `WINDOW_UPDATE ${stream} +${increment}`
    }
    default:
      return `${kindName(kind)} ${stream} ${readU31(bytes, start)}`
  }
}
