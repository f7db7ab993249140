import { amount, HyperError, shown, time, userError } from '@hyper/core/error'
import { PROTOCOL } from './fetch/service.ts'
import { checkNames } from './option-names.ts'
import type { ServeOptions, ServerTls } from './options.ts'
import { checkPlace } from './place.ts'

// Checks of what `serve` and `close` are given. In: options. Out: nothing or the value, or an INVALID_OPTION that names the
// option as the caller wrote it. Numbers of the engine are checked by it, which knows their ranges; only the names in its
// errors are changed here.

/** @throws HyperError `INVALID_OPTION` */
export function checkOptions(options: ServeOptions): void {
  if (typeof options !== 'object' || options === null)
    throw userError('INVALID_OPTION', 'serve() takes an object: serve({ fetch })')
  checkNames(options)
  const { fetch, service, tls } = options
  if (fetch === undefined && service === undefined)
    throw userError('INVALID_OPTION', 'serve() needs one of `fetch` and `service`')
  if (fetch !== undefined && service !== undefined)
    throw userError('INVALID_OPTION', 'serve() takes `fetch` or `service`, not both')
  if (fetch !== undefined && !isHandler(fetch))
    throw userError('INVALID_OPTION', '`fetch` must be a function, or an object that has one of that name')
  if (typeof fetch === 'object') checkDraft(fetch)
  if (service !== undefined && typeof service !== 'function')
    throw userError('INVALID_OPTION', '`service` must be a function')
  if (tls !== undefined) checkTls(tls)
  checkPlace(options)
}

function isHandler(fetch: unknown): boolean {
  if (typeof fetch === 'function') return true
  return typeof fetch === 'object' && fetch !== null && 'fetch' in fetch && typeof fetch.fetch === 'function'
}

/** A handler object of the Fetch Server draft, if it is one. A version that we do not know would be called wrongly. */
function checkDraft(handler: object): void {
  if (!(PROTOCOL in handler)) return
  if (handler[PROTOCOL] !== 1)
    throw userError(
      'INVALID_OPTION',
      `\`fetch\` follows version ${shown(handler[PROTOCOL])} of the Fetch Server API; version 1 is known`,
    )
  for (const name of ['connect', 'error'] as const) {
    const member: unknown = name in handler ? Reflect.get(handler, name) : undefined
    if (member !== undefined && typeof member !== 'function')
      throw userError('INVALID_OPTION', `\`fetch.${name}\` must be a function`)
  }
}

/** What `node:tls` may take a certificate from, or do without one by. */
const CREDENTIALS = ['cert', 'pfx', 'contexts', 'SNICallback', 'pskCallback'] as const

// Without any, every handshake would fail, and nobody would be told.
function checkTls(tls: ServerTls): void {
  if (typeof tls === 'object' && tls !== null && CREDENTIALS.some((name) => tls[name] != null)) return
  throw userError(
    'INVALID_OPTION',
    '`tls` needs a certificate: `cert` and `key`, `pfx`, `contexts` or `SNICallback`',
  )
}

/** A limit that the engine does not know; Infinity is none. @throws HyperError `INVALID_OPTION` */
export function limit(name: string, value: number | undefined): number {
  return amount(name, value, Infinity, 0)
}

/** A timeout that the engine does not know, off by default. @throws HyperError `INVALID_OPTION` */
export function timeout(name: string, value: number | null | undefined): number {
  return time(name, value, Infinity)
}

/** Makes something of the engine's options; its errors speak of the option that the caller has written. */
export function withNames<T>(protocol: 'http1' | 'http2', options: ServeOptions, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof HyperError) || error.code !== 'INVALID_OPTION') throw error
    const [name = ''] = error.message.split(' ', 1)
    throw userError('INVALID_OPTION', writtenAs(name, protocol, options) + error.message.slice(name.length))
  }
}

function writtenAs(name: string, protocol: 'http1' | 'http2', options: ServeOptions): string {
  const names = protocol === 'http1' ? H1_NAMES : H2_NAMES
  const [group, member] = names[name] ?? []
  if (group === undefined || member === undefined) return `${protocol}.${name}`
  const given: Readonly<Record<string, unknown>> = { ...options[group] }
  return given[member] === undefined ? `${protocol}.${name}` : `${group}.${member}`
}

type Names = Readonly<Record<string, readonly ['timeouts' | 'limits', string]>>

const BOTH_NAMES: Names = {
  bodyIdleTimeout: ['timeouts', 'receive'],
  sendTimeout: ['timeouts', 'send'],
  requestTimeout: ['timeouts', 'total'],
  maxHeaders: ['limits', 'maxHeaders'],
  maxRequests: ['limits', 'maxRequestsPerConnection'],
  bodyMinRate: ['limits', 'minBodyRate'],
  bodyMinRateGrace: ['limits', 'minBodyRateGrace'],
}

const H1_NAMES: Names = {
  ...BOTH_NAMES,
  firstByteTimeout: ['timeouts', 'handshake'],
  headerReadTimeout: ['timeouts', 'headers'],
  keepAliveTimeout: ['timeouts', 'idle'],
  lingerTimeout: ['timeouts', 'linger'],
  maxHeadSize: ['limits', 'maxHeaderSize'],
  maxTargetLength: ['limits', 'maxTargetLength'],
  maxMethodLength: ['limits', 'maxMethodLength'],
  maxTrailerSize: ['limits', 'maxTrailerSize'],
  maxChunkExtensionSize: ['limits', 'maxChunkExtensionSize'],
}

const H2_NAMES: Names = {
  ...BOTH_NAMES,
  settingsTimeout: ['timeouts', 'handshake'],
  headerBlockTimeout: ['timeouts', 'headers'],
  idleTimeout: ['timeouts', 'idle'],
  maxHeaderListSize: ['limits', 'maxHeaderSize'],
  maxConcurrentStreams: ['limits', 'maxConcurrentStreams'],
}
