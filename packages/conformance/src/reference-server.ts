// The reference server as a program: HTTP/1 and HTTP/2 on one port, HTTP/2 by prior knowledge or, with a certificate, by ALPN.
// Prints one line, `listening on …`, when it is ready; SIGTERM and SIGINT drain it, and it exits 0.
// Options: --port N [--host H] [--tls-cert F --tls-key F] [--http1 | --http2] [--timeouts JSON] [--limits JSON] [--quiet]
// --http1 and --http2 serve that version alone.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { serve, type ServeOptions } from '@hyper/server'
import { referenceService } from './reference/service.ts'

const USAGE =
  'usage: reference-server --port N [--host H] [--tls-cert F --tls-key F] [--http1 | --http2] [--timeouts JSON] [--limits JSON] [--quiet]'
const DRAIN = 10_000

await main()

async function main(): Promise<void> {
  const options = readOptions()
  if (options === null) {
    console.error(USAGE)
    process.exitCode = 2
    return
  }
  const server = await serve(options)
  let isStopping = false
  const stop = (): void => {
    // A second signal does not wait.
    if (isStopping) process.exit(1)
    isStopping = true
    void server.close({ deadline: DRAIN }).then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  console.log(`listening on ${server.url}`)
}

function readOptions(): ServeOptions | null {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      http1: { type: 'boolean', default: false },
      http2: { type: 'boolean', default: false },
      timeouts: { type: 'string', default: '{}' },
      limits: { type: 'string', default: '{}' },
      quiet: { type: 'boolean', default: false },
    },
  })
  const { port = '', host, 'tls-cert': cert, 'tls-key': key } = values
  if (!/^[0-9]{1,5}$/.test(port) || (cert === undefined) !== (key === undefined)) return null
  if (values.http1 && values.http2) return null
  const tls =
    cert === undefined || key === undefined ? undefined : { cert: readFileSync(cert), key: readFileSync(key) }
  return {
    port: Number(port),
    hostname: host,
    tls,
    service: referenceService,
    // RFC 8441: the way of /upgrade on HTTP/2.
    http2: values.http1 ? false : { enableConnectProtocol: true },
    http1: !values.http2,
    timeouts: JSON.parse(values.timeouts) as NonNullable<ServeOptions['timeouts']>,
    limits: JSON.parse(values.limits) as NonNullable<ServeOptions['limits']>,
    onError: values.quiet
      ? () => undefined
      : (error) => console.error(error instanceof Error ? error.message : error),
  }
}
