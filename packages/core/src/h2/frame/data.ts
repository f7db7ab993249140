import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { appendHead } from './head.ts'
import { DATA, END_STREAM } from './kind.ts'

// DATA (RFC 9113 §6.1). Reading is the frame reader's: parts go on as they come, without padding. We never pad.

/** Only the head: `length` octets of the body follow. */
export function writeDataHead(out: ByteWriter, stream: number, length: number, endStream: boolean): void {
  appendHead(out, length, DATA, endStream ? END_STREAM : 0, stream)
}

/** A frame with a copy of `source[start, end)`. */
export function writeData(
  out: ByteWriter,
  stream: number,
  source: Uint8Array,
  start: number,
  end: number,
  endStream: boolean,
): void {
  writeDataHead(out, stream, end - start, endStream)
  out.copy(source, start, end)
}
