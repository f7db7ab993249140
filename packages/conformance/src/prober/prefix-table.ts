// Nothing is answered before the head is there, and a head may come in any pieces: every proper prefix of valid requests.
import { HELLO_CHUNKED, postChunked, postLength } from './requests.ts'
import { answer, rowsOf, type Row } from './row.ts'
import type { Step } from './wire.ts'

const { waits, answered } = rowsOf('prefix')

const SIMPLE = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const LENGTH = postLength('/echo', 'hello')
const CHUNKED = postChunked('/echo', HELLO_CHUNKED)
const HELLO = { answers: [answer({ body: 'hello' })], need: 'echo' } as const

function cuts(text: string, from = 1): number[] {
  return Array.from({ length: text.length - from }, (_, index) => from + index)
}

function bytewise(text: string): Step[] {
  return Array.from(text).flatMap((character): Step[] => [character, { pause: 1 }])
}

// A streaming echo may answer the head at once: only what `/inspect` says must wait for the whole content.
function inBody(text: string): number[] {
  return cuts(text, text.indexOf('\r\n\r\n') + 4)
}

const LENGTH_INSPECT = postLength('/inspect', 'hello')
const CHUNKED_INSPECT = postChunked('/inspect', '5;a=b\r\nhello\r\n0\r\nX-T: v\r\n\r\n')

export const PREFIX_ROWS: readonly Row[] = [
  ...cuts(SIMPLE).map((at) => {
    const shown = JSON.stringify(SIMPLE.slice(Math.max(0, at - 6), at)).slice(1, -1)
    return waits(`get-${at}-after-${shown}`, '9112 §2.2', SIMPLE.slice(0, at), SIMPLE.slice(at))
  }),
  ...inBody(LENGTH_INSPECT).map((at) => {
    const name = `content-length-${at - LENGTH_INSPECT.indexOf('\r\n\r\n') - 4}-of-5`
    return waits(name, '9112 §6.3', LENGTH_INSPECT.slice(0, at), LENGTH_INSPECT.slice(at), {
      need: 'inspect',
    })
  }),
  ...inBody(CHUNKED_INSPECT).map((at) => {
    const name = `chunked-${at - CHUNKED_INSPECT.indexOf('\r\n\r\n') - 4}-bytes`
    return waits(name, '9112 §7.1', CHUNKED_INSPECT.slice(0, at), CHUNKED_INSPECT.slice(at), {
      need: 'inspect',
    })
  }),
  answered('get-byte-by-byte', '9112 §2.2', bytewise(SIMPLE)),
  answered('content-length-byte-by-byte', '9112 §2.2', bytewise(LENGTH), HELLO),
  answered('chunked-byte-by-byte', '9112 §7.1', bytewise(CHUNKED), HELLO),
]
