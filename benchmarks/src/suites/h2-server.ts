// HTTP/2 servers under load on one core: `Hello, World!` over 8 connections, many streams at once and one.
import { runH2Load } from '../load/h2-load.ts'
import type { H2Work } from '../load/h2-load.ts'
import { CPU, RATE, RESIDENT } from '../support/plan.ts'
import type { Scenario } from '../support/plan.ts'
import { measureServer } from './server.ts'
import { H2_SERVERS } from './server-variants.ts'
import type { ServerVariant } from './server-variants.ts'

export const H2_SERVER_SCENARIOS: readonly Scenario[] = [
  scenario('hello-8x32', 'HTTP/2: Hello, World!, 8 connections, 32 streams each', {
    connections: 8,
    streams: 32,
  }),
  scenario('hello-8x1', 'HTTP/2: Hello, World!, 8 connections, one stream at a time', {
    connections: 8,
    streams: 1,
  }),
]

function scenario(name: string, title: string, work: H2Work): Scenario {
  return {
    suite: 'h2-server',
    name,
    title,
    metrics: [CPU, RATE, RESIDENT],
    variants: H2_SERVERS,
    run: (variant, context) =>
      measureServer(variant as ServerVariant, context, (port, seconds) =>
        runH2Load(context.children, context.machine, port, work, seconds),
      ),
  }
}
