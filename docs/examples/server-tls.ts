// HTTPS: node server-tls.ts CERT KEY, both PEM files.
// #region tls
import { readFileSync } from 'node:fs'
import { Client } from '@hyper/client'
import { serve } from '@hyper/server'

const [certFile = 'cert.pem', keyFile = 'key.pem'] = process.argv.slice(2)
const cert = readFileSync(certFile)
const server = await serve({
  port: 0,
  hostname: 'localhost',
  tls: { cert, key: readFileSync(keyFile) }, // and whatever else node:tls takes
  fetch: (_request, context) => new Response(`${context.encrypted}`),
})

const client = new Client({ ca: cert }) // trusts this certificate, and no other
const response = await client.get(server.url)
console.log(new URL(server.url).protocol, response.status, await response.text())
// #endregion tls
await client.close()

// #region reload
server.reloadTls({ cert: readFileSync(certFile), key: readFileSync(keyFile) }) // on a signal, say, or by a timer
// #endregion reload
await server.close()
