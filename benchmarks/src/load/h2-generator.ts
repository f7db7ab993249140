// Our own HTTP/2 load, for machines without h2load. In: `<port> <connections> <streams at once> <seconds>`.
// Out: one JSON line shaped like `LoadResult`; the latencies are those of the streams.
import { Histogram } from './histogram.ts'
import { H2Link } from './h2-link.ts'

const port = Number(process.argv[2])
const connections = Number(process.argv[3])
const streams = Number(process.argv[4])
const seconds = Number(process.argv[5])
const histogram = new Histogram()
const links: H2Link[] = []
let requests = 0
let errors = 0
const began = performance.now()

for (let count = 0; count < connections; count += 1) links.push(start())
setTimeout(finish, seconds * 1000)

function start(): H2Link {
  const begun = new Map<number, number>()
  let due = 0
  const ask = (): void => {
    const now = performance.now()
    let id = link.getMany(due)
    for (; due > 0; due -= 1, id += 2) begun.set(id, now)
  }
  const link = new H2Link(port, {
    onReady: () => {
      due = streams
      ask()
    },
    onEnd: (id) => {
      requests += 1
      histogram.add((performance.now() - (begun.get(id) ?? 0)) * 1000)
      begun.delete(id)
      // What one chunk has answered is asked anew in one write.
      due += 1
      if (due === 1) queueMicrotask(ask)
    },
    onFail: () => (errors += 1),
  })
  return link
}

function finish(): void {
  const elapsed = (performance.now() - began) / 1000
  for (const link of links) link.close()
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
  process.exit(0)
}
