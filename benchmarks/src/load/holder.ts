// Holds kept-alive connections: opens N, sends one request on each and reads its answer, then keeps them open and idle.
// In: `<port> <count>`. Out: `holding` once all are answered; ends on SIGTERM, or after BENCH_LIFETIME seconds.
import { connect } from 'node:net'
import { ResponseReader } from './response-reader.ts'

const port = Number(process.argv[2])
const count = Number(process.argv[3])
const request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
/** Few enough at a time for any listen backlog. */
const AT_ONCE = 64

setTimeout(() => process.exit(1), Number(process.env['BENCH_LIFETIME'] ?? 120) * 1000).unref()
let opened = 0
await Promise.all(Array.from({ length: AT_ONCE }, openMore))
console.log('holding')

async function openMore(): Promise<void> {
  while (opened < count) {
    opened += 1
    await open()
  }
}

function open(): Promise<void> {
  return new Promise((resolve) => {
    const reader = new ResponseReader()
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    socket.on('connect', () => socket.write(request))
    socket.on('data', (chunk: Buffer) => {
      if (reader.receive(chunk) === 1) resolve()
    })
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('the server closed a connection')))
  })
}

function fail(error: Error): void {
  console.error(error.message)
  process.exit(1)
}
