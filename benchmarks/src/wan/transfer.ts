// One body over a link on a virtual clock. In: `<h1 or h2> <down or up> <bodies before it>`. Out: `result <milliseconds of the link>`.
import { transferTime } from '../../../packages/testkit/src/transfer.ts'

const [, , protocol, direction, before] = process.argv
const time = await transferTime({
  protocol: protocol === 'h2' ? 'h2' : 'h1',
  direction: direction === 'up' ? 'up' : 'down',
  bytes: 100_000_000,
  before: Number(before ?? 0),
  link: { bandwidth: 400_000_000, delay: 50 },
})
console.log(`result ${time}`)
process.exit(0)
