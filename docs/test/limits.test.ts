import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOf } from '../../packages/client/src/config.ts'
import { MAX_RATIO } from '../../packages/client/src/layers/decompress.ts'
import { MAX_REDIRECTS } from '../../packages/client/src/layers/redirect.ts'
import {
  BUDGET_PER_SECOND,
  BUDGET_SHARE,
  MAX_RETRIES,
  MAX_RETRY_AFTER,
  MAX_RETRY_DELAY,
  RETRY_DELAY,
} from '../../packages/client/src/layers/retry.ts'
import { UNREAD_TIME } from '../../packages/client/src/unread.ts'
import { clientSettings, serverSettings } from '../../packages/core/src/h1/options.ts'
import { clientH2Settings, serverH2Settings } from '../../packages/core/src/h2/options.ts'
import { h1Options, h2Options } from '../../packages/server/src/options.ts'
import { CACHE_DEFAULTS } from '../../packages/util/src/connect/cached-resolver.ts'
import { ATTEMPT_DELAY, MAX_ADDRESSES } from '../../packages/util/src/connect/race.ts'
import { HANDSHAKE_TIMEOUT } from '../../packages/util/src/connect/secure.ts'
import { nodeRuntime } from '../../packages/util/src/node/node-runtime.ts'
import { MAX_SESSIONS } from '../../packages/util/src/node/secure.ts'
import { MAX_POOLS } from '../../packages/util/src/pool/map.ts'
import { poolSettings } from '../../packages/util/src/pool/options.ts'
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
const H2 = tableRows(PAGE, 'over HTTP/2').map(([core, product, server, client, , , , shownBy]) => ({
  core: nameIn(core) ?? '',
  product: nameIn(product),
  server: server === '–' ? null : numberIn(server),
  client: client === '–' ? null : numberIn(client),
  shownBy: shownBy ?? '',
}))
const LAYERS = tableRows(PAGE, 'option').map(([option, byDefault, , , , shownBy]) => ({
  option: bare(option),
  byDefault: numberIn(byDefault),
  shownBy: shownBy ?? '',
}))
const BUDGETS = tableRows(PAGE, 'budget').map(([what, size = '', debug, , shownBy]) => ({
  what: what ?? '',
  size,
  debug: bare(debug),
  shownBy: shownBy ?? '',
}))

const CONNECTING = tableRows(PAGE, 'connecting').map(([name, , byDefault, , , , shownBy]) => ({
  name: bare(name),
  byDefault: numberIn(byDefault),
  shownBy: shownBy ?? '',
}))

const POOL = tableRows(PAGE, 'pool').map(([name, product, byDefault, , , , shownBy]) => ({
  name: nameIn(name)?.replaceAll('`', '') ?? null,
  product: nameIn(product),
  byDefault: numberIn(byDefault),
  shownBy: shownBy ?? '',
}))

/** Where the resolved settings call an option otherwise. */
const SETTING: Readonly<Record<string, string>> = {
  headerReadTimeout: 'headTimeout',
  headersTimeout: 'headTimeout',
}
const H2_SETTING: Readonly<Record<string, string>> = {
  initialStreamWindowSize: 'streamWindow',
  initialConnectionWindowSize: 'connectionWindow',
  maxWindowSize: 'maxWindow',
  maxSendBufferSize: 'maxSendBuffer',
  maxLocalErrorResetStreams: 'maxLocalErrorResets',
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

test.each([
  ['server', serverH2Settings({})],
  ['client', clientH2Settings({})],
] as const)('defaults of a %s over HTTP/2', (role, settings) => {
  const known = new Map<string, unknown>(Object.entries(settings))
  for (const row of H2) {
    if (row[role] !== null)
      expect([row.core, known.get(H2_SETTING[row.core] ?? row.core)]).toEqual([row.core, row[role]])
  }
})

test('defaults of the client alone', () => {
  const given = new Map(CLIENT.map(({ byDefault, product }) => [product, byDefault]))
  for (const [name, value] of Object.entries(configOf({}).timeouts))
    expect([name, given.get(`timeouts.${name}`)]).toEqual([name, value])
})

test('defaults of the connections of a client', () => {
  const connector = (): Promise<never> => Promise.reject(new Error('never'))
  const settings = poolSettings({ connector, runtime: nodeRuntime })
  const { maxConnections, maxConnectionsPerOrigin, maxPending } = settings.limits
  const { idleTimeout, maxAge, maxKnownOrigins, maxShared } = settings
  expect(POOL.map(({ byDefault, name, product }) => [name ?? product, byDefault])).toEqual(
    Object.entries({
      maxConnections,
      maxConnectionsPerOrigin,
      maxPending,
      idleTimeout,
      maxAge,
      maxKnownOrigins,
      'http2.maxConnections': maxShared,
      'max of PoolMap': MAX_POOLS,
      'pool.unreadTimeout': UNREAD_TIME,
      maxReplays: configOf({}).maxReplays,
    }),
  )
})

test('every number among the options of connections has its row', () => {
  const options = read('packages/util/src/pool/options.ts')
  const names = [
    ...numbersOf(read('packages/util/src/pool/limits.ts'), 'LimitOptions'),
    ...numbersOf(options, 'PoolOptions'),
    ...numbersOf(options, 'PooledH2Options').map((name) => `http2.${name}`),
  ]
  expect(
    missing(
      names,
      POOL.map(({ name }) => name),
    ),
  ).toEqual([])
  const client = read('packages/client/src/options.ts')
  const inClient = [
    ...numbersOf(client, 'ClientPoolOptions').map((name) => `pool.${name}`),
    ...numbersOf(client, 'ClientOptions'),
  ]
  expect(
    missing(
      inClient,
      POOL.map(({ product }) => product),
    ),
  ).toEqual([])
})

test('defaults of the layers of a client, and that each number has its row', () => {
  const known = {
    'redirect.maxRedirects': MAX_REDIRECTS,
    'decompress.maxRatio': MAX_RATIO,
    'decompress.maxSize': Infinity,
    'retry.maxRetries': MAX_RETRIES,
    'retry.delay': RETRY_DELAY,
    'retry.maxDelay': MAX_RETRY_DELAY,
    'retry.maxRetryAfter': MAX_RETRY_AFTER,
    'retry.budgetShare': BUDGET_SHARE,
    'retry.budgetPerSecond': BUDGET_PER_SECOND,
  }
  expect(Object.fromEntries(LAYERS.map(({ byDefault, option }) => [option, byDefault]))).toEqual(known)
  const numbers = [
    ['redirect', 'RedirectOptions'],
    ['decompress', 'DecompressOptions'],
    ['retry', 'RetryOptions'],
    ['retry', 'RetryLayerOptions'],
  ].flatMap(([layer = '', type = '']) =>
    numbersOf(read(`packages/client/src/layers/${layer}.ts`), type).map((name) => `${layer}.${name}`),
  )
  expect(numbers.toSorted()).toEqual(Object.keys(known).toSorted())
})

test('each name of serve() sets the option of core beside it', () => {
  for (const { core, product } of SERVER) {
    if (core === null || product === null) continue
    const [group = '', name = ''] = product.split('.')
    const made = new Map<string, unknown>(Object.entries(h1Options({ [group]: { [name]: 123 } })))
    expect([product, made.get(core)]).toEqual([product, 123])
  }
})

test('each name of serve() sets the option of HTTP/2 beside it', () => {
  for (const { core, product } of H2) {
    if (product === null) continue
    const [group = '', name = ''] = product.split('.')
    const made = new Map<string, unknown>(Object.entries(h2Options({ [group]: { [name]: 123 } })))
    expect([product, made.get(core)]).toEqual([product, 123])
  }
})

test('every number among the options of HTTP/2 has its row, and its role', () => {
  const source = read('packages/core/src/h2/options.ts')
  const shared = numbersOf(source, 'H2Options')
  const roles = { server: numbersOf(source, 'H2ServerOptions'), client: numbersOf(source, 'H2ClientOptions') }
  for (const role of ['server', 'client'] as const) {
    const rows = H2.filter((row) => row[role] !== null).map(({ core }) => core)
    expect(rows.toSorted()).toEqual([...shared, ...roles[role]].toSorted())
  }
})

test('defaults of connecting', () => {
  const given = Object.fromEntries(CONNECTING.map(({ byDefault, name }) => [name, byDefault]))
  expect(given).toEqual({
    attemptDelay: ATTEMPT_DELAY,
    maxAddresses: MAX_ADDRESSES,
    handshakeTimeout: HANDSHAKE_TIMEOUT,
    maxSessions: MAX_SESSIONS,
    ...CACHE_DEFAULTS,
  })
})

test('every number among the options of connecting has its row', () => {
  const names = [
    ['connect/race.ts', 'RaceOptions'],
    ['connect/direct-connector.ts', 'DirectOptions'],
    ['connect/secure.ts', 'SecureOptions'],
    ['connect/cached-resolver.ts', 'CachedResolverOptions'],
    ['node/secure.ts', 'NodeSecureOptions'],
    ['node/node-connector.ts', 'NodeConnectorOptions'],
  ].flatMap(([file = '', type = '']) => numbersOf(read(`packages/util/src/${file}`), type))
  expect(
    missing(
      names,
      CONNECTING.map(({ name }) => name),
    ),
  ).toEqual([])
})

test('every budget has its row, with its number and its words', () => {
  const abuse = read('packages/core/src/h2/abuse.ts')
  const text = BUDGETS.map(({ size, what }) => `${what} ${size}`).join(' ')
  for (const [, name, value = ''] of abuse.matchAll(/^const ([A-Z_]+) = ([\d_]+)$/gm)) {
    expect(text).toContain(`\`${name}\` = ${value.replace('_', ',')}`)
  }
  const sources = ['machine', 'control', 'core', 'streams/receive'].map((name) =>
    read(`packages/core/src/h2/${name}.ts`),
  )
  const said = sources.flatMap((source) =>
    Array.from(source.matchAll(/'((?:too_many|header_list)_\w+)'/g), ([, words = '']) => words),
  )
  expect(
    BUDGETS.map(({ debug }) => debug)
      .toSorted()
      .filter(isNew),
  ).toEqual(said.toSorted().filter(isNew))
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
      [...SERVER, ...H2].map(({ product }) => product),
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
  for (const { shownBy, ...row } of [...ROWS, ...H2, ...LAYERS, ...BUDGETS, ...CONNECTING, ...POOL]) {
    const found = /^\[[^\]]+\]\(\.\.\/([^)]+)\): (.+)$/.exec(shownBy)
    expect(found, JSON.stringify(row)).not.toBeNull()
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

function isNew(name: string, index: number, names: readonly string[]): boolean {
  return names[index - 1] !== name
}

function missing(names: readonly string[], rows: readonly (string | null)[]): string[] {
  expect(names).not.toEqual([])
  return names.filter((name) => !rows.includes(name))
}
