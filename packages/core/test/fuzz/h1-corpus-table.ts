import type { FuzzCase } from './h1-cases.ts'

// Every input that ever failed, with what was wrong. Add, never remove.

export interface CorpusCase extends FuzzCase {
  readonly wrong: string
}

export const CORPUS: readonly CorpusCase[] = [
  {
    wrong: 'blank lines and an end were an incomplete message',
    role: 'server',
    wire: '\r\n\r\n',
    settings: 0,
    plan: 0,
    cuts: 1,
    after: 1,
  },
  {
    wrong: 'a no-break space beside chunked was taken for white space',
    role: 'server',
    wire: 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: \u00a0chunked\r\n\r\n0\r\n\r\n',
    settings: 0,
    plan: 0,
    cuts: 2,
    after: 0,
  },
  {
    wrong: 'an empty Host passed after a request without Host',
    role: 'server',
    wire: 'GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\nGET / HTTP/1.1\r\nhost:\r\n\r\n',
    settings: 0,
    plan: 0,
    cuts: 3,
    after: 0,
  },
  {
    wrong: 'a fold that failed gave its field name to a field of the next connection',
    role: 'client',
    wire: 'HTTP/1.1 200 OK\r\nx: a\r\n b\0\r\n\r\n',
    settings: 2,
    plan: 0,
    cuts: 4,
    after: 0,
  },
  {
    wrong: 'a fold after a skipped line took that line into its value',
    role: 'client',
    wire: 'HTTP/1.1 204 No Content\r\nx: 1\r\nbad line\r\n fold\r\ny: \x01\r\n fold\r\n\r\n',
    settings: 2,
    plan: 0,
    cuts: 5,
    after: 0,
  },
  {
    wrong: 'a fold of nothing left a line end in a value',
    role: 'client',
    wire: 'HTTP/1.1 204 No Content\r\nx: 1\r\n \r\n\r\n',
    settings: 2,
    plan: 0,
    cuts: 6,
    after: 0,
  },
  {
    wrong: 'HTTP/0.9 was told by its first chunk alone',
    role: 'client',
    wire: 'HTML',
    settings: 3,
    plan: 0,
    cuts: 7,
    after: 1,
  },
]
