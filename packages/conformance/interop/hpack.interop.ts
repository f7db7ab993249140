// HPACK with implementations that are not ours: `node:http2` (nghttp2), Python `hpack`, Go. What our encoder writes, they read;
// what Python's and Go's encoders write, our decoder reads; always many blocks in a row, so that the tables must stay in step.
import { seededRandom } from '@hyper/testkit'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Http2Server } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ByteWriter } from '../../core/src/bytes/byte-writer.ts'
import {
  beginHeaders,
  DATA,
  endHeaders,
  FRAME,
  FrameReader,
  GOAWAY,
  HEADERS,
  NEED_MORE,
  RST_STREAM,
  SETTINGS,
  SettingsFields,
  writeSettings,
  writeSettingsAck,
} from '../../core/src/h2/frame/index.ts'
import { HpackDecoder, HpackEncoder } from '../../core/src/h2/hpack/index.ts'
import { findPeer } from './peer.ts'

type Pair = [name: string, value: string]

const LIMITS = { maxListSize: 1_000_000, maxFields: 1000 }
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const REQUESTS = 300

/** Lists of fields, the same ones each time: most come back, some change each time, some are secrets, some are long. */
function lists(count: number): Pair[][] {
  const random = seededRandom(7541)
  const below = (limit: number): number => Math.floor(random() * limit)
  const octets = (length: number): string =>
    Array.from({ length }, () => String.fromCharCode(0x21 + below(0x5e))).join('')
  const values = Array.from({ length: 40 }, (_, i) => octets(1 + ((i * 13) % 90)))
  return Array.from({ length: count }, (_, i) => {
    const fields: Pair[] = [
      [':method', i % 7 === 0 ? 'DELETE' : 'GET'],
      [':scheme', 'http'],
      [':authority', 'localhost'],
      [':path', `/${i % 5 === 0 ? octets(6).replaceAll(/[#\\<>]/g, 'x') : 'same'}`],
      ['user-agent', 'hyper'],
      ['authorization', octets(12)],
    ]
    for (let k = below(8); k > 0; k--) fields.push([`x-${below(12)}`, values[below(values.length)]!])
    if (i % 11 === 0) fields.push(['x-long', octets(1 + below(3000))])
    if (i % 3 === 0) fields.push(['etag', octets(10)])
    return fields
  })
}

/** Our blocks, with the table size changed on the way. */
function ourBlocks(all: readonly Pair[][]): { blocks: string[]; sizes: (number | null)[] } {
  const encoder = new HpackEncoder()
  const out = new ByteWriter()
  const sizes = all.map((_, i) =>
    i % 50 === 20 ? [100, 4096, 0, 1000, 65_536, 300][Math.floor(i / 50)]! : null,
  )
  const blocks = all.map((fields, i) => {
    const size = sizes[i]!
    if (size !== null) encoder.setPeerTableSize(size)
    out.reset()
    encoder.begin(out)
    for (const [name, value] of fields) encoder.field(name, value, name === 'x-3')
    return Buffer.from(out.view()).toString('hex')
  })
  return { blocks, sizes }
}

/** What our decoder makes of a peer's block. */
function decoded(decoder: HpackDecoder, block: string): Pair[] {
  const bytes = Buffer.from(block, 'hex')
  expect(decoder.decode(bytes, 0, bytes.length, LIMITS)).toBe(0)
  expect(decoder.malformed).toBe(0)
  const fields: Pair[] = [
    [':method', decoder.method!],
    [':scheme', decoder.scheme!],
    [':authority', decoder.authority!],
    [':path', decoder.path!],
  ]
  for (let i = 0; i < decoder.flat.length; i += 2) fields.push([decoder.flat[i]!, decoder.flat[i + 1]!])
  return fields
}

describe('node:http2', () => {
  let server: Http2Server
  const seen: Pair[][] = []
  beforeAll(async () => {
    server = createServer({ maxHeaderListPairs: 1000, settings: { headerTableSize: 2000 } })
    server.on('stream', (stream, _headers, _flags, ...more: unknown[]) => {
      const raw = more[0] as string[]
      const pairs: Pair[] = []
      for (let i = 0; i < raw.length; i += 2) pairs.push([raw[i]!, raw[i + 1]!])
      seen.push(pairs)
      stream.respond({ ':status': 200 + (seen.length % 3), 'x-count': String(seen.length), server: 'peer' })
      stream.end()
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void server.close())

  test('it reads our requests, and we its responses', async () => {
    const all = lists(REQUESTS)
    const answers = await talk((server.address() as AddressInfo).port, all)
    expect(seen).toEqual(all)
    expect(answers).toEqual(all.map((_, i) => [String(200 + ((i + 1) % 3)), String(i + 1), 'peer']))
  })
})

/** Sends each list as a request, one after another. @returns status, count and server of each answer */
function talk(port: number, all: readonly Pair[][]): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const reader = new FrameReader()
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder()
    const out = new ByteWriter()
    const answers: string[][] = []
    out.latin1(PREFACE)
    writeSettings(out, new SettingsFields())
    const flush = (): void => void socket.write(out.take())
    const send = (): void => {
      const at = beginHeaders(out)
      encoder.begin(out)
      for (const [name, value] of all[answers.length]!) encoder.field(name, value, name === 'x-3')
      endHeaders(out, at, 2 * answers.length + 1, true, 16_384)
      flush()
    }
    const receive = (): void => {
      const { frame } = reader
      if (frame.kind === SETTINGS && frame.flags === 0) {
        // Its table has 2,000 octets from here on.
        encoder.setPeerTableSize(2000)
        writeSettingsAck(out)
        flush()
        send()
      } else if (frame.kind === HEADERS) {
        expect(decoder.decode(frame.bytes, frame.start, frame.end, LIMITS)).toBe(0)
        const { flat } = decoder
        answers.push([decoder.status!, flat[flat.indexOf('x-count') + 1]!, flat[flat.indexOf('server') + 1]!])
        if (answers.length < all.length) send()
        else {
          socket.destroy()
          resolve(answers)
        }
      } else if (frame.kind === GOAWAY || frame.kind === RST_STREAM) {
        reject(new Error(`frame ${frame.kind} after ${answers.length}`))
        socket.destroy()
      } else if (frame.kind === DATA) expect(frame.length).toBe(0)
    }
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      reader.receive(chunk)
      for (let result = reader.next(); result !== NEED_MORE; result = reader.next()) {
        if (result !== FRAME) return reject(new Error(`fault ${result}`))
        receive()
      }
    })
    flush()
  })
}

interface Reply {
  /** What the peer read in our blocks. */
  readonly fields: Pair[][]
  /** What it wrote for the same lists. */
  readonly blocks: string[]
}

/** A peer as a program: `{ blocks, sizes, lists }` to its standard input, a {@link Reply} out. */
function exchange(command: string, args: readonly string[], options: { cwd?: string } = {}): void {
  const all = lists(REQUESTS)
  const input = JSON.stringify({ ...ourBlocks(all), lists: all })
  const reply = JSON.parse(
    execFileSync(command, args, { ...options, input, encoding: 'utf8', maxBuffer: 1 << 28 }),
  ) as Reply
  expect(reply.fields).toEqual(all)
  const decoder = new HpackDecoder()
  expect(reply.blocks.map((block) => decoded(decoder, block))).toEqual(all)
}

const PYTHON = `
import json, sys
from hpack import Decoder, Encoder
given = json.load(sys.stdin)
decoder, encoder = Decoder(), Encoder()
fields, blocks = [], []
for block, size in zip(given["blocks"], given["sizes"]):
    if size is not None:
        decoder.max_allowed_table_size = size
    fields.append([[n, v] for n, v in decoder.decode(bytes.fromhex(block))])
for i, pairs in enumerate(given["lists"]):
    blocks.append(encoder.encode([(n, v, i % 9 == 0) for n, v in pairs], huffman=i % 2 == 0).hex())
json.dump({"fields": fields, "blocks": blocks}, sys.stdout)
`

const GO = `package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"

	"golang.org/x/net/http2/hpack"
)

type given struct {
	Blocks []string
	Sizes  []*uint32
	Lists  [][][2]string
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	var in given
	check(json.NewDecoder(os.Stdin).Decode(&in))
	fields, blocks := [][][2]string{}, []string{}
	decoder := hpack.NewDecoder(4096, nil)
	for i, block := range in.Blocks {
		if in.Sizes[i] != nil {
			decoder.SetAllowedMaxDynamicTableSize(*in.Sizes[i])
		}
		octets, err := hex.DecodeString(block)
		check(err)
		list, err := decoder.DecodeFull(octets)
		check(err)
		pairs := [][2]string{}
		for _, f := range list {
			pairs = append(pairs, [2]string{f.Name, f.Value})
		}
		fields = append(fields, pairs)
	}
	var out bytes.Buffer
	encoder := hpack.NewEncoder(&out)
	for i, list := range in.Lists {
		out.Reset()
		if i%50 == 30 {
			encoder.SetMaxDynamicTableSize(uint32(i * 10))
		}
		for k, f := range list {
			check(encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1], Sensitive: k%5 == 4}))
		}
		blocks = append(blocks, hex.EncodeToString(out.Bytes()))
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{"fields": fields, "blocks": blocks}))
}
`

peerTest('python3', 'hpack', (python) => {
  execFileSync(python, ['-c', 'import hpack'], { stdio: 'ignore' })
  return () => exchange(python, ['-c', PYTHON])
})

peerTest('go', 'golang.org/x/net/http2/hpack', (go) => {
  const cwd = mkdtempSync(join(tmpdir(), 'hyper-hpack-'))
  writeFileSync(join(cwd, 'main.go'), GO)
  for (const args of [
    ['mod', 'init', 'peer'],
    ['get', 'golang.org/x/net/http2/hpack'],
    ['build', '-o', 'peer', '.'],
  ]) {
    execFileSync(go, args, { cwd, stdio: 'ignore' })
  }
  return () => {
    exchange(join(cwd, 'peer'), [], { cwd })
    rmSync(cwd, { recursive: true })
  }
})

/** A test with a library of a language: skipped by name where the machine lacks the language or `prepare` fails. */
function peerTest(command: string, library: string, prepare: (path: string) => () => void): void {
  const path = findPeer(command)
  let run: (() => void) | null = null
  try {
    if (path !== undefined) run = prepare(path)
  } catch {
    run = null
  }
  if (run === null) test.skip(`peer ${command} ${library}: not on this machine`, () => undefined)
  else test(`${command} ${library}: each reads what the other writes`, run)
}
