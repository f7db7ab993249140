import { h1, HttpRequest } from '@hyper/core'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import { Client } from '@hyper/client'
const port = 18081,
  N = 50,
  mode = process.argv[2]
let count = 0
const client = new Client()
const url = `http://127.0.0.1:${port}/`
const headers = { host: `127.0.0.1:${port}` }
async function loop() {
  let sender
  if (mode === 'h')
    sender = h1.handshake(await connectTcp({ host: '127.0.0.1', port }), { runtime: nodeRuntime }).sender
  for (;;) {
    let r
    if (mode === 'h') {
      if (!sender.isReady) await sender.ready()
      r = await sender.send(new HttpRequest('GET', '/', { headers }))
    } else r = await client.get(url)
    const t = await r.text()
    if (t !== 'Hello, World!') throw 1
    count++
  }
}
for (let i = 0; i < N; i++) loop()
let c0, u0
setTimeout(() => {
  c0 = count
  u0 = process.cpuUsage()
}, 2000)
setTimeout(() => {
  const u = process.cpuUsage(u0)
  console.log(mode, (u.user + u.system) / (count - c0), 'µs', count - c0)
  process.exit(0)
}, 8000)
