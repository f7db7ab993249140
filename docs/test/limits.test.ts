import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOf } from '../../packages/client/src/config.ts'
import { clientSettings, serverSettings } from '../../packages/core/src/h1/options.ts'
import { h1Options } from '../../packages/server/src/options.ts'
import { bare, read, root, tableRows } from '../tools/pages.ts'

// docs/limits.md against the code: names, defaults, and that nothing was left out.

const PAGE = 'docs/limits.md'
const ROWS = tableRows(PAGE, 'in core').map(([core, product, byDefault, , , , shownBy]) => ({
  core: nameIn(core),
  product: nameIn(product),
  byDefault: numberIn(byDefault),
  shownBy: shownBy ?? '',
}))
const SERVER = ROWS.slice(
  0,
  ROWS.findIndex(({ product }) => product === 'timeouts.connect'),
)
const CLIENT = ROWS.slice(SERVER.length)

/** Where the resolved settings call an option otherwise. */
const SETTING: Readonly<Record<string, string>> = {
  headerReadTimeout: 'headTimeout',
  headersTimeout: 'headTimeout',
}

test.each([
  ['server', SERVER, serverSettings({})],
  ['client', CLIENT, clientSettings({})],
] as const)('defaults of a %s in core', (_, rows, settings) => {
  const known = new Map<string, unknown>(Object.entries(settings))
  for (const { byDefault, core } of rows) {
    if (core !== null) expect([core, known.get(SETTING[core] ?? core)]).toEqual([core, byDefault])
  }
})

test('defaults of the client alone', () => {
  const { connectTimeout, keepAlive } = configOf({})
  const given = new Map(CLIENT.map(({ byDefault, product }) => [product, byDefault]))
  expect([given.get('timeouts.connect'), given.get('timeouts.keepAlive')]).toEqual([
    connectTimeout,
    keepAlive,
  ])
})

test('each name of serve() sets the option of core beside it', () => {
  for (const { core, product } of SERVER) {
    if (core === null || product === null) continue
    const [group = '', name = ''] = product.split('.')
    const made = new Map<string, unknown>(Object.entries(h1Options({ [group]: { [name]: 123 } })))
    expect([product, made.get(core)]).toEqual([product, 123])
  }
})

test('every number among the options has its row', () => {
  const h1 = read('packages/core/src/h1/options.ts')
  const shared = numbersOf(h1, 'H1Options')
  expect(
    missing(
      [...shared, ...numbersOf(h1, 'H1ServerOptions')],
      SERVER.map(({ core }) => core),
    ),
  ).toEqual([])
  expect(
    missing(
      [...shared, ...numbersOf(h1, 'H1ClientOptions')],
      CLIENT.map(({ core }) => core),
    ),
  ).toEqual([])
  const server = read('packages/server/src/options.ts')
  const timeouts = numbersOf(server, 'ServerTimeouts').map((name) => `timeouts.${name}`)
  const limits = numbersOf(server, 'ServerLimits').map((name) => `limits.${name}`)
  expect(
    missing(
      [...timeouts, ...limits],
      SERVER.map(({ product }) => product),
    ),
  ).toEqual([])
  const client = numbersOf(read('packages/client/src/options.ts'), 'ClientTimeouts').map(
    (name) => `timeouts.${name}`,
  )
  expect(
    missing(
      client,
      CLIENT.map(({ product }) => product),
    ),
  ).toEqual([])
})

test('every row is shown by a test that is there', () => {
  for (const { core, product, shownBy } of ROWS) {
    const found = /^\[[^\]]+\]\(\.\.\/([^)]+)\): (.+)$/.exec(shownBy)
    expect(found, `${core} ${product}`).not.toBeNull()
    const [, file = '', name = ''] = found ?? []
    expect(existsSync(join(root, file)), file).toBe(true)
    expect(read(file).includes(name), `${file}: ${name}`).toBe(true)
  }
})

function nameIn(cell: string | undefined): string | null {
  return cell === '–' ? null : bare(cell)
}

function numberIn(cell: string | undefined): number {
  return cell === 'off' ? Infinity : Number((cell ?? '').replaceAll(',', ''))
}

function numbersOf(source: string, type: string): string[] {
  const body = new RegExp(`^export interface ${type}\\b[^{]*\\{([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1] ?? ''
  return Array.from(body.matchAll(/^ {2}readonly (\w+)\?: number\b/gm), ([, name = '']) => name)
}

function missing(names: readonly string[], rows: readonly (string | null)[]): string[] {
  expect(names).not.toEqual([])
  return names.filter((name) => !rows.includes(name))
}
