// `Client` of the client package over HTTP/2 without TLS: one connection, many streams.
import { Client } from '@hyper/client'
import { port, runLoops } from './common.ts'

const client = new Client({ http2: { priorKnowledge: true } })
const url = `http://127.0.0.1:${port}/`

runLoops(async () => (await client.get(url)).text())
