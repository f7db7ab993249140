// `@hono/node-server` around a bare fetch handler. Argument `plain` gives `overrideGlobalObjects: false`: the platform's own
// Request and Response instead of its light ones.
import { serve } from '@hono/node-server'
import { announce } from './common.ts'
import { fetchHandler } from './fetch-handler.ts'

const plain = process.argv[2] === 'plain'
serve(
  {
    // Read late: by default the package replaces the global `Response` inside `serve`.
    fetch: (request) => handler(request),
    port: 0,
    hostname: '127.0.0.1',
    ...(plain ? { overrideGlobalObjects: false } : {}),
  },
  (info) => announce(info.port),
)
const handler = fetchHandler(globalThis.Response)
