import { expect, test } from 'vitest'
import { ERROR_CODES, type ErrorCode, HyperError } from '@hyper/core/error'
import { asGateway } from '../../packages/core/src/error/error.ts'
import { FAULT_HOST, faultError } from '../../packages/core/src/h1/fault.ts'
import { reasonByName, reasonName } from '../../packages/core/src/h2/frame/reason.ts'
import { TLS_FAILURES } from '../../packages/util/src/node/tls-failure-table.ts'
import { bare, pages, read, tableRows } from '../tools/pages.ts'

// docs/errors.md against the code.

const ROWS = new Map(
  tableRows('docs/errors.md', 'code').map(([code, means, by, phase, status, gateway]) => [
    bare(code),
    {
      means: bare(means),
      by: by ?? '',
      phase: phase ?? '',
      status: status === '–' ? 0 : Number(status),
      gateway: gateway === '–' ? 0 : Number(gateway),
    },
  ]),
)
const SOURCES = pages('packages/{core,util,client,server}/src/**/*.ts').map(read)

test('every code is there once, with its meaning', () => {
  const listed = Array.from(ROWS, ([code, { means }]) => [code, means])
  expect(listed).toEqual(Object.entries(ERROR_CODES))
})

test('what the parsers refuse has its status and its blame', () => {
  for (let fault = -1; fault >= FAULT_HOST; fault--) {
    const { by, code, statusHint } = faultError(fault, 'headers')
    expect([code, ROWS.get(code)?.by, ROWS.get(code)?.status]).toEqual([code, by, statusHint])
  }
})

test('what a client finds is 502, 504 where it took too long, and 503 where it was too much', () => {
  for (const [code, { by, gateway }] of ROWS) {
    const error = asGateway(new HyperError(code as ErrorCode, null, { by: 'peer' }))
    // RFC 9110 §15.6.4: we ask for more than we have set ourselves, and that of the server is not known.
    if (code === 'POOL_FULL') expect(gateway).toBe(503)
    else if (gateway !== 0) expect([code, gateway]).toEqual([code, error.statusHint])
    else expect([code, by]).toEqual([code, expect.not.stringMatching(/\bio\b/u)])
  }
})

test('whoever is blamed where an error is made is named', () => {
  for (const source of SOURCES) {
    for (const [, code = ''] of source.matchAll(/\buserError\(\s*'([A-Z_]+)'/g))
      expectNamed(code, 'by', 'user')
    for (const [, code = '', init = ''] of source.matchAll(/new HyperError\('([A-Z_]+)',([\s\S]*?)\}\)/g)) {
      const by = /by: '(\w+)'/.exec(init)?.[1]
      const phase = /phase: '(\w+)'/.exec(init)?.[1]
      const status = /statusHint: (\d+)/.exec(init)?.[1]
      if (by !== undefined) expectNamed(code, 'by', by)
      if (phase !== undefined) expectNamed(code, 'phase', phase)
      if (status !== undefined)
        expect([ROWS.get(code)?.status, ROWS.get(code)?.gateway], code).toContain(Number(status))
    }
  }
})

test('a code that is said not to be used is not', () => {
  const unused = tableRows('docs/errors.md', 'code').filter((cells) => cells[6] === 'not used yet')
  for (const [code] of unused) {
    const text = `'${bare(code)}'`
    const made = SOURCES.filter((source) => source.includes(`Error(${text}`))
    expect([text, made.length]).toEqual([text, 0])
  }
})

test('every failure of TLS has its row, in order, with its words', () => {
  const rows = tableRows('docs/errors.md', '`cause.code`').map(([code, words]) => [bare(code), words])
  expect(rows).toEqual(Object.entries(TLS_FAILURES))
})

test('every error code of HTTP/2 has its row, in order', () => {
  const rows = tableRows('docs/errors.md', 'reason').map(([name]) => bare(name))
  expect(rows).toEqual(rows.map((_, code) => reasonName(code)))
  expect(rows.map(reasonByName)).toEqual(rows.map((_, code) => code))
  expect(reasonName(rows.length)).toMatch(/^0x/)
})

function expectNamed(code: string, column: 'by' | 'phase', value: string): void {
  const row = ROWS.get(code as ErrorCode)
  expect(row?.[column].split(', '), `${code}: ${column}`).toContain(value)
}
