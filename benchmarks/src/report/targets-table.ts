// What the figures are held against. A target is a ratio or a distance within one run, or a bound; never a figure of another machine.

export type Target =
  | (TargetPlace & { readonly kind: 'ratio'; readonly to: string; readonly atMost: number })
  | (TargetPlace & { readonly kind: 'ratio-at-least'; readonly to: string; readonly atLeast: number })
  | (TargetPlace & { readonly kind: 'difference'; readonly to: string; readonly atMost: number })
  | (TargetPlace & { readonly kind: 'bound'; readonly atMost: number })
  | (TargetPlace & {
      readonly kind: 'steady'
      readonly to: string
      readonly scenarios: readonly string[]
      readonly atMost: number
    })

export interface TargetPlace {
  readonly suite: string
  readonly scenario: string
  readonly variant: string
  readonly key: string
}

const server = (scenario: string, variant: string): TargetPlace => ({
  suite: 'server',
  scenario,
  variant,
  key: 'cpu',
})
const client = (variant: string): TargetPlace => ({
  suite: 'client',
  scenario: 'get-50',
  variant,
  key: 'cpu',
})
const h2 = (scenario: string, variant: string, key = 'cpu'): TargetPlace => ({
  suite: 'h2-server',
  scenario,
  variant,
  key,
})
const H2_CLIENT = { suite: 'h2-client', scenario: 'get-50', key: 'cpu' }
const H2_MEMORY = { suite: 'h2-memory', scenario: 'idle-2000', key: 'each' }
const CONNECTIONS: readonly string[] = ['hello-1', 'hello-64', 'hello-1000']

export const TARGETS: readonly Target[] = [
  ...['ours/engine', 'ours/service'].flatMap((variant): Target[] => [
    { ...server('hello-64', variant), kind: 'ratio', to: 'floor', atMost: 1.15 },
    { ...server('hello-64', variant), kind: 'ratio', to: 'node:http', atMost: 0.6 },
    { ...server('hello-64', variant), kind: 'ratio', to: 'rust-hyper', atMost: 1.35 },
    { ...server('pipeline-16', variant), kind: 'ratio', to: 'node:http', atMost: 0.2 },
    { ...server('hello-1', variant), kind: 'steady', to: 'floor', scenarios: CONNECTIONS, atMost: 1.1 },
  ]),
  { ...server('hello-64', 'ours/fetch'), kind: 'ratio', to: 'hono', atMost: 0.75 },
  { ...server('hello-64', 'ours/fetch-platform'), kind: 'ratio', to: 'hono-plain', atMost: 1 },
  { ...server('json', 'ours/fetch'), kind: 'ratio', to: 'hono', atMost: 0.75 },
  { ...server('json', 'ours/fetch-platform'), kind: 'ratio', to: 'hono-plain', atMost: 1 },
  ...['ours/handshake', 'ours/client'].flatMap((variant): Target[] => [
    { ...client(variant), kind: 'ratio', to: 'undici.request', atMost: 0.6 },
    { ...client(variant), kind: 'ratio', to: 'undici.dispatch', atMost: 0.8 },
  ]),
  { ...client('ours/fetch'), kind: 'ratio', to: 'undici.fetch', atMost: 0.35 },
  { ...client('ours/install-fetch'), kind: 'ratio', to: 'node:fetch', atMost: 1 },
  {
    suite: 'memory',
    scenario: 'idle-5000',
    variant: 'ours/engine',
    key: 'each',
    kind: 'difference',
    to: 'floor',
    atMost: 3,
  },
  {
    suite: 'memory',
    scenario: 'idle-5000',
    variant: 'ours/service',
    key: 'each',
    kind: 'difference',
    to: 'floor',
    atMost: 3,
  },
  ...['ours/engine', 'ours/service'].flatMap((variant): Target[] => [
    ...['down', 'up'].map((scenario): Target => ({
      suite: 'bodies',
      scenario,
      variant,
      key: 'throughput',
      kind: 'ratio-at-least',
      to: 'node:http',
      atLeast: 1,
    })),
    ...['down-slow-reader', 'up-slow-reader', 'up-slow-writer'].map((scenario): Target => ({
      suite: 'bodies',
      scenario,
      variant,
      key: 'growth',
      kind: 'bound',
      atMost: 64,
    })),
  ]),
  ...['whole', 'bytewise'].map((scenario): Target => ({
    suite: 'linearity',
    scenario,
    variant: '4x',
    key: 'perByte',
    kind: 'ratio',
    to: '1x',
    atMost: 1.15,
  })),
  ...['ours/h2-engine', 'ours/service'].flatMap((variant): Target[] => [
    { ...h2('hello-8x32', variant), kind: 'ratio', to: 'node:http2', atMost: 0.2 },
    { ...h2('hello-8x32', variant), kind: 'ratio', to: 'node:http2-compat', atMost: 0.12 },
    { ...h2('hello-8x32', variant), kind: 'ratio', to: 'rust-hyper', atMost: 0.65 },
    { ...h2('hello-8x32', variant, 'resident'), kind: 'ratio', to: 'node:http2', atMost: 0.6 },
    { ...h2('hello-8x1', variant), kind: 'ratio', to: 'node:http2', atMost: 0.5 },
    { ...h2('hello-8x1', variant), kind: 'ratio', to: 'rust-hyper', atMost: 1 },
    { ...H2_MEMORY, variant, kind: 'difference', to: 'floor', atMost: 9 },
    ...['down-1', 'down-32', 'up-1', 'up-32'].map((scenario): Target => ({
      suite: 'h2-bodies',
      scenario,
      variant,
      key: 'throughput',
      kind: 'ratio-at-least',
      to: 'node:http2',
      atLeast: 1,
    })),
  ]),
  ...['ours/h2-handshake', 'ours/client'].flatMap((variant): Target[] => [
    { ...H2_CLIENT, variant, kind: 'ratio', to: 'node:http2', atMost: 0.2 },
    { ...H2_CLIENT, variant, kind: 'ratio', to: 'undici.dispatch', atMost: 0.17 },
  ]),
  ...['down', 'up', 'down-again', 'up-again'].map((scenario): Target => ({
    suite: 'h2-wan',
    scenario,
    variant: 'ours, HTTP/2',
    key: 'time',
    kind: 'ratio',
    to: 'ours, HTTP/1',
    atMost: 1.2,
  })),
]
