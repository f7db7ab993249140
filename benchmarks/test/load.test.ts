import { describe, expect, it } from 'vitest'
import { parseWrk } from '../src/load/load.ts'
import { ResponseReader } from '../src/load/response-reader.ts'

const REPORT = `Running 2s test @ http://127.0.0.1:40221/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   437.28us  300.47us   5.03ms   94.47%
    Req/Sec   104.68k    14.01k  123.63k    60.00%
  Latency Distribution
     50%  376.00us
     75%  527.00us
     90%  626.00us
     99%    1.64ms
  208208 requests in 2.00s, 22.83MB read
Requests/sec: 103849.98
Transfer/sec:     11.39MB
`

describe('parseWrk', () => {
  it('reads counts, rates and latencies in microseconds', () => {
    const expected = { requests: 208208, seconds: 2, p50: 376, p90: 626, p99: 1640, max: 5030, errors: null }
    expect(parseWrk(REPORT)).toEqual(expected)
  })

  it('reports socket errors and answers that are not 2xx', () => {
    const bad = `${REPORT}  Socket errors: connect 0, read 3, write 0, timeout 1\n  Non-2xx or 3xx responses: 7\n`
    expect(parseWrk(bad).errors).toBe(
      'Socket errors: connect 0, read 3, write 0, timeout 1; Non-2xx or 3xx responses: 7',
    )
  })

  it('takes a percentile of zero for one that wrk does not know', () => {
    expect(parseWrk(REPORT.replace('1.64ms', '0.00us')).p99).toBeNaN()
  })

  it('throws what wrk said when it did not run', () => {
    expect(() => parseWrk('unable to connect')).toThrow('wrk said: unable to connect')
  })
})

describe('ResponseReader', () => {
  const fixed = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n1\r\n!\r\n0\r\n\r\n'

  it.each([
    ['whole', 1e9],
    ['byte by byte', 1],
    ['in pieces', 7],
  ])('counts responses and body bytes, %s', (_name, size) => {
    const reader = new ResponseReader()
    const bytes = Buffer.from(fixed + fixed + chunked + fixed, 'latin1')
    let done = 0
    for (let at = 0; at < bytes.length; at += size) done += reader.receive(bytes.subarray(at, at + size))
    expect(done).toBe(4)
    expect(reader.bodyBytes).toBe(20)
  })

  it('refuses what it cannot read', () => {
    expect(new ResponseReader().receive(Buffer.from('HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n'))).toBe(-1)
    expect(new ResponseReader().receive(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toBe(-1)
  })
})
