// The drop-in `fetch` of the client package, over a client of its own.
import { Client } from '@hyper/client'
import { port, runLoops } from './common.ts'

const { fetch } = new Client()
const url = `http://127.0.0.1:${port}/`

runLoops(async () => (await fetch(url)).text())
