// One large body over one connection, either way, at full speed or at a rate. Raw `node:net`.
// In: `<port> <path> <bytes> <bytes per second, 0 for no limit>`; `/bytes/N` is fetched, to any other path the bytes are posted.
// Out: `result <JSON>`.
import { connect } from 'node:net'
import { ResponseReader } from './response-reader.ts'

export interface TransferResult {
  readonly bytes: number
  readonly seconds: number
}

const [, , port = '', path = '', amount = '', limit = ''] = process.argv
const bytes = Number(amount)
const rate = Number(limit)
const down = path.startsWith('/bytes/')
const reader = new ResponseReader()
const chunk = Buffer.alloc(65_536)
// One buffer for everything that is read: the load must not be what limits the server.
const socket = connect({
  host: '127.0.0.1',
  port: Number(port),
  noDelay: true,
  onread: {
    buffer: Buffer.alloc(262_144),
    callback(size, buffer) {
      receive(Buffer.from(buffer.buffer, buffer.byteOffset, size))
      return true
    },
  },
})
let began = 0
let sent = 0

setTimeout(
  () => fail(new Error('no end in sight')),
  Number(process.env['BENCH_LIFETIME'] ?? 120) * 1000,
).unref()
socket.on('error', fail)
socket.on('close', () => fail(new Error('the server closed the connection')))
socket.on('connect', () => {
  began = performance.now()
  const head = `${down ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`
  socket.write(down ? `${head}\r\n` : `${head}Content-Length: ${bytes}\r\n\r\n`)
  if (!down) send()
})

// A slow reader stops reading, so that the kernel's buffers fill and the server has to wait.
function receive(data: Buffer): void {
  const done = reader.receive(data)
  if (done < 0) fail(new Error(`not an answer that can be read here: ${data.toString('latin1', 0, 200)}`))
  if (done > 0) return finish()
  const wait = delay(reader.bodyBytes)
  if (wait < 1) return
  socket.pause()
  setTimeout(() => socket.resume(), wait)
}

function send(): void {
  while (sent < bytes) {
    const wait = delay(sent)
    if (wait >= 1) {
      setTimeout(send, wait)
      return
    }
    const size = Math.min(chunk.length, bytes - sent)
    sent += size
    if (!socket.write(size === chunk.length ? chunk : chunk.subarray(0, size))) {
      socket.once('drain', send)
      return
    }
  }
}

function delay(moved: number): number {
  return rate === 0 ? 0 : (moved / rate) * 1000 - (performance.now() - began)
}

function finish(): void {
  const seconds = (performance.now() - began) / 1000
  if (down && reader.bodyBytes !== bytes)
    fail(new Error(`${reader.bodyBytes} bytes came instead of ${bytes}`))
  if (!down && sent !== bytes) fail(new Error(`answered after ${sent} of ${bytes} bytes`))
  const result: TransferResult = { bytes, seconds }
  console.log(`result ${JSON.stringify(result)}`)
  process.exit(0)
}

function fail(error: Error): never {
  console.error(error.message)
  process.exit(1)
}
