import { type Chunking, chunkings, toText } from '@hyper/testkit'
import { expect } from 'vitest'
import {
  faultReason,
  FRAME,
  FrameReader,
  isStreamFault,
  kindName,
  NEED_MORE,
  reasonName,
} from '../../src/h2/frame/index.ts'

// Frames as text, one line each. The parts of a DATA frame are one line, and every cut must give the same lines.

/** What a reader says to `bytes` in every cut. */
export function read(bytes: Uint8Array | string, maxFrameSize?: number): string[] {
  let first: string[] | null = null
  for (const chunking of chunkings(bytes)) {
    const lines = readChunks(chunking, maxFrameSize)
    if (first === null) first = lines
    else expect([chunking.name, ...lines]).toEqual([chunking.name, ...first])
  }
  return first ?? []
}

function readChunks({ chunks }: Chunking, maxFrameSize: number | undefined): string[] {
  const reader = new FrameReader(maxFrameSize)
  const { frame } = reader
  const lines: string[] = []
  let line = ''
  for (const chunk of chunks) {
    reader.receive(chunk)
    for (;;) {
      const result = reader.next()
      if (result === NEED_MORE) break
      if (result < 0) {
        lines.push(`${faultText(result)} on ${frame.stream}`)
        if (isStreamFault(result)) continue
        // A lost connection stays lost.
        expect(reader.next()).toBe(result)
        return lines
      }
      expect(result).toBe(FRAME)
      if (frame.isFirst)
        line = `${kindName(frame.kind)} ${frame.stream} flags ${frame.flags} length ${frame.length}: `
      line += toText(frame.bytes.subarray(frame.start, frame.end))
      if (!frame.isLast) continue
      lines.push(line)
      line = ''
    }
    expect(reader.pending).toBe(0)
    // Nothing of the chunk may be looked at any more.
    chunk.fill(0xaa)
  }
  if (line !== '') lines.push(`${line}…`)
  if (!reader.isBetweenFrames) lines.push('cut')
  return lines
}

/** For example `connection PROTOCOL_ERROR`. */
export function faultText(fault: number): string {
  return `${isStreamFault(fault) ? 'stream' : 'connection'} ${reasonName(faultReason(fault))}`
}

/** A frame of any kind, as it would be written by somebody who follows no rule. */
export function raw(
  kind: number,
  flags: number,
  stream: number,
  payload: string,
  length: number = payload.length,
): string {
  const head = [
    length >> 16,
    length >> 8,
    length,
    kind,
    flags,
    stream >>> 24,
    stream >>> 16,
    stream >>> 8,
    stream,
  ]
  return String.fromCharCode(...head.map((octet) => octet & 0xff)) + payload
}
