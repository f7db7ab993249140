// This engine without the server package: `listen` of util and `serveConnection` of core, as a library author writes it.
import { h1 } from '@hyper/core'
import { listen, nodeRuntime } from '@hyper/util/node'
import { announce } from './common.ts'
import { service } from './service.ts'

const options = { runtime: nodeRuntime }
const listener = listen({ port: 0, hostname: '127.0.0.1', backlog: 4096 }, (io) => {
  h1.serveConnection(io, service, options)
})
await listener.ready
announce(listener.address?.port ?? 0)
