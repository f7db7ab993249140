// Work in memory, without sockets: nanoseconds per operation, each case in a process of its own.
import { existsSync } from 'node:fs'
import { BASE_SIZE } from '../micro/sizes.ts'
import type { Context, Figures, Metric, Role, Scenario, Variant } from '../support/plan.ts'
import { scriptPath } from '../support/scripts.ts'

const TIME: Metric = { key: 'time', title: 'time/op', unit: 'ns', better: 'lower', digits: 0 }
const PER_BYTE: Metric = { key: 'perByte', title: 'time/byte', unit: 'ns', better: 'lower', digits: 2 }

interface MicroVariant extends Variant {
  readonly file: string
  /** The name of the case in that file. */
  readonly of: string
  /** Bytes per operation, for figures per byte. */
  readonly bytes: number
}

const SIZES: readonly (readonly [string, number])[] = [
  ['1x', BASE_SIZE],
  ['2x', 2 * BASE_SIZE],
  ['4x', 4 * BASE_SIZE],
]

export const MICRO_SCENARIOS: readonly Scenario[] = [
  micro('head-browser', 'A request head of a browser, 12 fields', [
    variant('ours', 'ours', 'head-parse', 'browser ours'),
    variant('llhttp', 'peer', 'head-parse', 'browser llhttp'),
  ]),
  micro('head-small', 'A request head of one field', [
    variant('ours', 'ours', 'head-parse', 'small ours'),
    variant('llhttp', 'peer', 'head-parse', 'small llhttp'),
  ]),
  micro('header-map', 'A header map of 12 fields: built, three looked up, one set', [
    variant('ours', 'ours', 'header-map', 'ours'),
    variant('platform', 'peer', 'header-map', 'platform'),
  ]),
  micro('chunked', '1 MiB in chunks of 1 KiB, decoded', [
    variant('ours', 'ours', 'chunked', 'ours'),
    variant('llhttp', 'peer', 'chunked', 'llhttp'),
  ]),
  micro('pair-hello', 'Client and server machine in memory, one exchange', [
    variant('ours', 'ours', 'pair', 'hello'),
  ]),
  micro('pair-pipeline-16', 'Server machine, 16 pipelined requests', [
    variant('ours', 'ours', 'pair', 'pipeline-16'),
  ]),
  micro('pair-10-mib', 'Client and server machine in memory, 10 MiB in chunks', [
    variant('ours', 'ours', 'pair', '10-mib'),
  ]),
]

export const H2_MICRO_SCENARIOS: readonly Scenario[] = [
  micro('h2-hpack', "HPACK: a browser's request of 14 fields, an answer of 3", [
    variant('decode, first', 'ours', 'h2-hpack', 'decode first'),
    variant('decode, later', 'ours', 'h2-hpack', 'decode later'),
    variant('encode, first', 'ours', 'h2-hpack', 'encode first'),
    variant('encode, later', 'ours', 'h2-hpack', 'encode later'),
    variant('encode, answer', 'ours', 'h2-hpack', 'encode answer'),
  ]),
  micro('h2-reader', 'HTTP/2 frames read: 64 small HEADERS; 1 MiB of DATA', [
    variant('64 heads', 'ours', 'h2-reader', 'heads-64'),
    variant('1 MiB', 'ours', 'h2-reader', 'data-1-mib'),
  ]),
  micro('h2-pair', 'HTTP/2 client and server machine in memory: 32 exchanges; 10 MiB up', [
    variant('32 exchanges', 'ours', 'h2-pair', 'hello-32'),
    variant('10 MiB', 'ours', 'h2-pair', '10-mib'),
  ]),
]

export const LINEARITY_SCENARIOS: readonly Scenario[] = [
  linear('whole', 'A head of 15, 30 and 60 KiB in one chunk'),
  linear('bytewise', 'The same heads, byte by byte'),
]

function micro(name: string, title: string, variants: readonly MicroVariant[]): Scenario {
  return { suite: 'micro', name, title, metrics: [TIME], variants, run: measure }
}

function linear(name: string, title: string): Scenario {
  const variants = SIZES.map(([size, bytes]) =>
    variant(size, 'ours', 'head-linear', `${name} ${size}`, bytes),
  )
  return { suite: 'linearity', name, title, metrics: [PER_BYTE, TIME], variants, run: measure }
}

function variant(name: string, role: Role, file: string, of: string, bytes = Number.NaN): MicroVariant {
  const missing = (): string | null =>
    existsSync(scriptPath(`micro/${file}.ts`)) ? null : `${file} is not there`
  return { name, role, file, of, bytes, missing }
}

async function measure(chosen: Variant, { children, machine, options }: Context): Promise<Figures> {
  const { file, of, bytes } = chosen as MicroVariant
  const seconds = options.seconds / 2
  const command = [process.execPath, scriptPath('micro/run.ts'), file, of, String(seconds)]
  const child = children.start(command, { core: machine.testCore, lifetime: seconds + 30 })
  try {
    const time = Number(await child.expect('result', (seconds + 25) * 1000))
    return { time, perByte: time / bytes }
  } finally {
    await child.stop()
  }
}
