// Large bodies over one HTTP/2 connection, either way, on one stream or on many.
// In: `<port> <path> <bytes> <streams>`; `/bytes/N` is fetched, to any other path the bytes are posted; each stream has its share.
// Out: `result <JSON>`, shaped like `TransferResult`.
import { H2Link } from './h2-link.ts'
import type { TransferResult } from './transfer.ts'

const [, , port = '', path = '', amount = '', count = ''] = process.argv
const streams = Number(count)
const share = Math.floor(Number(amount) / streams)
const down = path.startsWith('/bytes/')
let began = 0
let open = streams

setTimeout(
  () => fail(new Error('no end in sight')),
  Number(process.env['BENCH_LIFETIME'] ?? 120) * 1000,
).unref()
const link = new H2Link(Number(port), {
  onReady: () => {
    began = performance.now()
    for (let stream = 0; stream < streams; stream += 1) {
      if (down) link.get(`/bytes/${share}`)
      else link.post(path, share)
    }
  },
  onEnd: () => {
    open -= 1
    if (open === 0) finish()
  },
  onFail: fail,
})

function finish(): void {
  const seconds = (performance.now() - began) / 1000
  const bytes = share * streams
  const moved = down ? link.received : link.sent
  if (moved !== bytes) fail(new Error(`${moved} bytes were moved instead of ${bytes}`))
  const result: TransferResult = { bytes, seconds }
  console.log(`result ${JSON.stringify(result)}`)
  process.exit(0)
}

function fail(error: Error): never {
  console.error(error.message)
  process.exit(1)
}
