// Our own load generator, for machines without wrk: raw `node:net`, one answer awaited per request (or per batch of BENCH_DEPTH).
// In: url, connections, seconds, and BENCH_DEPTH and BENCH_BODY. Out: one JSON line shaped like `LoadResult`.
// It reads status lines and Content-Length only: an answer that is chunked or not 200 counts as an error.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { Histogram } from './histogram.ts'
import { ResponseReader } from './response-reader.ts'

const url = new URL(process.argv[2] ?? '')
const connections = Number(process.argv[3])
const seconds = Number(process.argv[4])
const depth = Number(process.env['BENCH_DEPTH'] ?? 1)
const batch = Buffer.from(requestText(process.env['BENCH_BODY'] ?? '').repeat(depth), 'latin1')

const histogram = new Histogram()
let requests = 0
let errors = 0
let stopping = false
const began = performance.now()
const lines: Line[] = []

class Line {
  private readonly socket: Socket
  private readonly reader: ResponseReader
  private waiting: number
  private sentAt: number

  constructor(socket: Socket) {
    this.socket = socket
    this.reader = new ResponseReader()
    this.waiting = 0
    this.sentAt = 0
    socket.on('connect', () => this.send())
    socket.on('data', (chunk: Buffer) => this.receive(chunk))
    socket.on('error', () => (errors += 1))
    socket.on('close', () => {
      if (!stopping) errors += 1
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private send(): void {
    this.waiting = depth
    this.sentAt = performance.now()
    this.socket.write(batch)
  }

  private receive(chunk: Buffer): void {
    const answered = this.reader.receive(chunk)
    if (answered < 0) {
      errors += 1
      this.socket.destroy()
      return
    }
    requests += answered
    this.waiting -= answered
    if (this.waiting > 0) return
    histogram.add((performance.now() - this.sentAt) * 1000)
    this.send()
  }
}

for (let count = 0; count < connections; count += 1) {
  lines.push(new Line(connect({ host: url.hostname, port: Number(url.port), noDelay: true })))
}
setTimeout(finish, seconds * 1000)

function finish(): void {
  stopping = true
  const elapsed = (performance.now() - began) / 1000
  for (const line of lines) line.close()
  const result = {
    requests,
    seconds: elapsed,
    p50: histogram.percentile(0.5),
    p90: histogram.percentile(0.9),
    p99: histogram.percentile(0.99),
    max: histogram.max,
    errors: errors === 0 ? null : `${errors} connections failed`,
  }
  console.log(JSON.stringify(result))
}

function requestText(body: string): string {
  const head = `${body === '' ? 'GET' : 'POST'} ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n`
  if (body === '') return `${head}\r\n`
  return `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
