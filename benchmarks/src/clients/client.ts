// `Client` of the client package, as an app developer writes it.
import { Client } from '@hyper/client'
import { port, runLoops } from './common.ts'

const client = new Client()
const url = `http://127.0.0.1:${port}/`

runLoops(async () => (await client.get(url)).text())
