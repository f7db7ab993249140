import { describe, expect, it } from 'vitest'
import { summarize } from '../src/support/statistics.ts'
import { Histogram } from '../src/load/histogram.ts'

describe('summarize', () => {
  it('gives the middle of an odd number of values and the mean of the two middle ones of an even number', () => {
    expect(summarize([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9, count: 3 })
    expect(summarize([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9, count: 4 })
  })

  it('gives NaN for nothing', () => {
    expect(summarize([])).toEqual({ median: Number.NaN, min: Number.NaN, max: Number.NaN, count: 0 })
  })
})

describe('Histogram', () => {
  it('keeps microseconds up to its end and the longest beyond', () => {
    const histogram = new Histogram()
    for (let micros = 1; micros <= 99; micros += 1) histogram.add(micros)
    histogram.add(2_000_000)
    expect(histogram.percentile(0.5)).toBe(50)
    expect(histogram.percentile(1)).toBe(2_000_000)
    expect(histogram.max).toBe(2_000_000)
    histogram.clear()
    expect(histogram.max).toBe(0)
  })
})
