// 100 MB over a link of 400 Mbit/s and 100 ms round trip, by either protocol with its default options: the first body of a
// connection, and the one after it, which finds windows that have grown. The clock is the link's, so
// that one round says all and the machine does not matter.
import type { Context, Figures, Metric, Scenario, Variant } from '../support/plan.ts'
import { scriptPath } from '../support/scripts.ts'

const TIME: Metric = { key: 'time', title: 'time', unit: 'ms', better: 'lower', digits: 0 }
const PATIENCE = 60

interface WanVariant extends Variant {
  readonly protocol: 'h1' | 'h2'
}

export const H2_WAN_SCENARIOS: readonly Scenario[] = [
  scenario('down', 0),
  scenario('up', 0),
  scenario('down', 1),
  scenario('up', 1),
]

function scenario(direction: 'down' | 'up', before: 0 | 1): Scenario {
  const which = before === 0 ? '100 MB' : 'another 100 MB'
  return {
    suite: 'h2-wan',
    name: before === 0 ? direction : `${direction}-again`,
    title: `${which} ${direction} over 400 Mbit/s and 100 ms, on the link's own clock`,
    metrics: [TIME],
    variants: [variant('ours, HTTP/1', 'h1'), variant('ours, HTTP/2', 'h2')],
    rounds: 1,
    run: (chosen, context) => measure((chosen as WanVariant).protocol, direction, before, context),
  }
}

function variant(name: string, protocol: 'h1' | 'h2'): WanVariant {
  return { name, role: 'ours', protocol, missing: () => null }
}

async function measure(
  protocol: string,
  direction: string,
  before: number,
  { children, machine }: Context,
): Promise<Figures> {
  const command = [process.execPath, scriptPath('wan/transfer.ts'), protocol, direction, String(before)]
  const child = children.start(command, { core: machine.testCore, lifetime: PATIENCE })
  try {
    return { time: Number(await child.expect('result', PATIENCE * 1000)) }
  } finally {
    await child.stop()
  }
}
