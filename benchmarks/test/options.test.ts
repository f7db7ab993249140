import { describe, expect, it } from 'vitest'
import { parseOptions } from '../src/support/options.ts'

describe('parseOptions', () => {
  it('has defaults, and shorter ones for a quick run', () => {
    expect(parseOptions([])).toMatchObject({ filters: [], rounds: 5, seconds: 2, warmup: 1, pin: true })
    expect(parseOptions(['--quick'])).toMatchObject({ rounds: 2, seconds: 1, warmup: 1, quick: true })
  })

  it('takes suites, scenarios and lists of variants', () => {
    const options = parseOptions([
      'server:hello-64',
      'client',
      '--only',
      'floor,bun',
      '--rounds',
      '3',
      '--own-load',
    ])
    expect(options).toMatchObject({
      filters: ['server:hello-64', 'client'],
      only: ['floor', 'bun'],
      rounds: 3,
    })
    expect(options.ownLoad).toBe(true)
  })

  it('refuses what is not bounded, not a number or not a file name', () => {
    expect(() => parseOptions(['--rounds', '1000'])).toThrow(RangeError)
    expect(() => parseOptions(['--seconds', 'x'])).toThrow(RangeError)
    expect(() => parseOptions(['--save-baseline', '../x'])).toThrow(RangeError)
    expect(() => parseOptions(['--fast'])).toThrow(TypeError)
  })
})
