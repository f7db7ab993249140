import { describe, expect, it } from 'vitest'
import { DATA, END_STREAM, frame, FrameSplitter, HEADERS, settings } from '../src/load/h2-frames.ts'
import { parseH2Load } from '../src/load/h2-load.ts'

const REPORT = `starting benchmark...
spawning thread #0: 8 total client(s). Timing-based test with 0s of warm-up time and 2s of main duration for measurements.
Warm-up started for thread #0.

finished in 2.00s, 272343.00 req/s, 9.10MB/s
requests: 544686 total, 544942 started, 544686 done, 544686 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 544690 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 18.20MB (19080000) total, 2.08MB (2180000) headers (space savings 95.00%), 6.75MB (7080000) data
                     min         max         mean         sd        +/- sd
time for request:      150us      5.00ms       900us       300us    80.00%
time for connect:        0us         0us         0us         0us     0.00%
`

describe('parseH2Load', () => {
  it('reads counts and times', () => {
    const { requests, seconds, max, errors } = parseH2Load(REPORT)
    expect({ requests, seconds, max, errors }).toEqual({
      requests: 544690,
      seconds: 2,
      max: 5000,
      errors: null,
    })
  })

  it('reports requests that failed and answers that are not 2xx', () => {
    const failed = REPORT.replace('0 failed', '3 failed').replace('544690 2xx', '544680 2xx')
    expect(parseH2Load(failed).errors).toBe('3 requests failed, 6 were not answered with 2xx')
  })

  it('throws what h2load said when it did not run', () => {
    expect(() => parseH2Load('unable to connect')).toThrow('h2load said: unable to connect')
  })
})

describe('FrameSplitter', () => {
  const bytes = Buffer.concat([
    settings([3, 100], [4, 65_535]),
    frame(HEADERS, 4, 1, Buffer.from('head')),
    frame(DATA, 0, 1, Buffer.from('hello, ')),
    frame(DATA, END_STREAM, 1, Buffer.from('world')),
    frame(DATA, END_STREAM, 3),
  ])

  it.each([
    ['whole', 1e9],
    ['byte by byte', 1],
    ['in pieces', 7],
  ])('tells frames with their payloads, %s', (_name, size) => {
    const heads: string[] = []
    let text = ''
    let part = ''
    const splitter = new FrameSplitter((kind, flags, stream, payload, isLast) => {
      part += payload.toString('latin1')
      if (!isLast) return
      heads.push(`${kind} ${flags} ${stream} ${part.length}`)
      if (kind === DATA) text += part
      part = ''
    })
    for (let at = 0; at < bytes.length; at += size) splitter.receive(bytes.subarray(at, at + size))
    expect(heads).toEqual(['4 0 0 12', '1 4 1 4', '0 0 1 7', '0 1 1 5', '0 1 3 0'])
    expect(text).toBe('hello, world')
  })
})
