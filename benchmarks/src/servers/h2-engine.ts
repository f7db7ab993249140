// This engine's HTTP/2 without the server package: `listen` of util and `serveConnection` of core, as a library author writes it.
import { serveConnection } from '@hyper/core/h2'
import { listen, nodeRuntime } from '@hyper/util/node'
import { announce } from './common.ts'
import { service } from './service.ts'

const options = { runtime: nodeRuntime }
const listener = listen({ port: 0, hostname: '127.0.0.1', backlog: 4096 }, (io) => {
  serveConnection(io, service, options)
})
await listener.ready
announce(listener.address?.port ?? 0)
