// 100 MB over a link of 400 Mbit/s and 100 ms round trip, by either protocol with its default options. The clock is the link's, so
// that one round says all and the machine does not matter.
import type { Context, Figures, Metric, Scenario, Variant } from '../support/plan.ts'
import { scriptPath } from '../support/scripts.ts'

const TIME: Metric = { key: 'time', title: 'time', unit: 'ms', better: 'lower', digits: 0 }
const PATIENCE = 60

interface WanVariant extends Variant {
  readonly protocol: 'h1' | 'h2'
}

export const H2_WAN_SCENARIOS: readonly Scenario[] = [scenario('down'), scenario('up')]

function scenario(direction: 'down' | 'up'): Scenario {
  return {
    suite: 'h2-wan',
    name: direction,
    title: `100 MB ${direction} over 400 Mbit/s and 100 ms, on the link's own clock`,
    metrics: [TIME],
    variants: [variant('ours, HTTP/1', 'h1'), variant('ours, HTTP/2', 'h2')],
    rounds: 1,
    run: (chosen, context) => measure((chosen as WanVariant).protocol, direction, context),
  }
}

function variant(name: string, protocol: 'h1' | 'h2'): WanVariant {
  return { name, role: 'ours', protocol, missing: () => null }
}

async function measure(
  protocol: string,
  direction: string,
  { children, machine }: Context,
): Promise<Figures> {
  const command = [process.execPath, scriptPath('wan/transfer.ts'), protocol, direction]
  const child = children.start(command, { core: machine.testCore, lifetime: PATIENCE })
  try {
    return { time: Number(await child.expect('result', PATIENCE * 1000)) }
  } finally {
    await child.stop()
  }
}
