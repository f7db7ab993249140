// `serve()` of the server package, as an app developer writes it. Argument: `service`, `fetch` (with the `Response` class that
// the package exports) or `fetch-platform` (with the platform's own).
import { Response, serve } from '@hyper/server'
import { announce } from './common.ts'
import { fetchHandler } from './fetch-handler.ts'
import { service } from './service.ts'

// Bun chooses the backlog itself.
const backlog = 'Bun' in globalThis ? undefined : 4096
const place = { port: 0, hostname: '127.0.0.1', backlog }
const mode = process.argv[2]
const handler =
  mode === 'service'
    ? { service }
    : { fetch: fetchHandler(mode === 'fetch-platform' ? globalThis.Response : Response) }
const server = await serve({ ...place, ...handler })
announce(server.port)
