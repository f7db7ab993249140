// As holder.ts, over HTTP/2: opens N connections, sends one request on each and reads its answer, then keeps them open and idle.
// In: `<port> <count>`. Out: `holding` once all are answered; ends on SIGTERM, or after BENCH_LIFETIME seconds.
import { H2Link } from './h2-link.ts'

const port = Number(process.argv[2])
const count = Number(process.argv[3])
/** Few enough at a time for any listen backlog. */
const AT_ONCE = 64

setTimeout(() => process.exit(1), Number(process.env['BENCH_LIFETIME'] ?? 120) * 1000).unref()
let opened = 0
await Promise.all(Array.from({ length: AT_ONCE }, openMore))
// Acknowledgements of SETTINGS are still on their way.
await new Promise((resolve) => setTimeout(resolve, 200))
console.log('holding')

async function openMore(): Promise<void> {
  while (opened < count) {
    opened += 1
    await open()
  }
}

function open(): Promise<void> {
  return new Promise((resolve) => {
    const link = new H2Link(port, {
      onReady: () => undefined,
      onEnd: () => resolve(),
      onFail: (error) => {
        console.error(error.message)
        process.exit(1)
      },
    })
    link.get('/')
  })
}
