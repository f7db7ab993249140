// Ways to use Node's sockets, beneath any HTTP: what comments in the adapter claim, measured.
import { runLoad } from '../load/load.ts'
import { probeHttp1 } from './probe.ts'
import { GET_64, measureServer } from './server.ts'
import type { ServerVariant } from './server-variants.ts'
import { CPU, P50, P99, RATE } from '../support/plan.ts'
import type { Scenario } from '../support/plan.ts'
import { scriptPath } from '../support/scripts.ts'

export const IO_SCENARIOS: readonly Scenario[] = [
  scenario(
    'read',
    "A socket's bytes by the data event or by an own push",
    ['data', 'string'],
    ['push', 'string'],
  ),
  scenario(
    'write',
    'An answer written as one string, as bytes, in two parts',
    ['data', 'string'],
    ['data', 'buffer'],
    ['data', 'two'],
  ),
]

function scenario(name: string, title: string, ...ways: readonly (readonly string[])[]): Scenario {
  return {
    suite: 'io',
    name,
    title,
    metrics: [CPU, RATE, P50, P99],
    variants: ways.map(variant),
    run: (chosen, context) =>
      measureServer(chosen as ServerVariant, context, (port, seconds) =>
        runLoad(context.children, context.machine, port, GET_64, seconds),
      ),
  }
}

function variant(way: readonly string[]): ServerVariant {
  return {
    name: way.join('+'),
    role: 'floor',
    collects: true,
    bodies: false,
    probe: probeHttp1,
    missing: () => null,
    command: () => [process.execPath, scriptPath('io/bare.ts'), ...way],
  }
}
