// The command line of the reference client. In: the words. Out: what to do, or a sentence that says what is wrong with them.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

export const USAGE = `usage: reference-client [options] URL
  --method M          default GET, or POST with a body
  --header 'n: v'     may be repeated (also -H)
  --body TEXT         --body-file F       --chunked (send without a length)
  --trailer 'n: v'    may be repeated
  --http1             speak HTTP/1.1 (the default)
  --http2             speak HTTP/2: by ALPN to an https URL, by prior knowledge to an http one
  --ca F              trust these certificates
  --insecure          trust any certificate
  --upgrade PROTOCOL  ask to switch (extended CONNECT on HTTP/2); the body is then sent raw, and what comes back is reported
  --repeat N          so many requests, one after the other
  --parallel N        so many at a time
  --timeout MS        from the request's end to the response head
  --linger MS         wait before the exit
  --show              also print the content, as text`

/** What to send, and how. */
export interface ClientArguments {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array | null
  readonly chunked: boolean
  readonly trailers: readonly (readonly [string, string])[]
  readonly http2: boolean
  readonly ca: string | null
  readonly insecure: boolean
  readonly upgrade: string | null
  readonly repeat: number
  readonly parallel: number
  readonly timeout: number | null
  readonly linger: number
  readonly show: boolean
}

/** Reads the command line. @throws Error that says what is wrong with it. */
export function readArguments(words: readonly string[]): ClientArguments {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      method: { type: 'string' },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      body: { type: 'string' },
      'body-file': { type: 'string' },
      chunked: { type: 'boolean', default: false },
      trailer: { type: 'string', multiple: true, default: [] },
      http1: { type: 'boolean', default: false },
      http2: { type: 'boolean', default: false },
      ca: { type: 'string' },
      insecure: { type: 'boolean', default: false },
      upgrade: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      parallel: { type: 'string', default: '1' },
      timeout: { type: 'string' },
      linger: { type: 'string', default: '0' },
      show: { type: 'boolean', default: false },
    },
  })
  const [url] = positionals
  if (url === undefined || positionals.length > 1) throw new Error('exactly one URL is needed')
  if (values.http1 && values.http2) throw new Error('--http1 and --http2 exclude each other')
  const body = readBody(values.body, values['body-file'])
  return {
    url,
    method: values.method ?? (body === null ? 'GET' : 'POST'),
    headers: values.header.map(readField),
    body,
    chunked: values.chunked,
    trailers: values.trailer.map(readField),
    http2: values.http2,
    ca: values.ca === undefined ? null : readFileSync(values.ca, 'utf8'),
    insecure: values.insecure,
    upgrade: values.upgrade ?? null,
    repeat: readNumber('--repeat', values.repeat),
    parallel: readNumber('--parallel', values.parallel),
    timeout: values.timeout === undefined ? null : readNumber('--timeout', values.timeout),
    linger: readNumber('--linger', values.linger),
    show: values.show,
  }
}

function readBody(text: string | undefined, file: string | undefined): Uint8Array | null {
  if (text !== undefined && file !== undefined) throw new Error('--body and --body-file exclude each other')
  if (file !== undefined) return readFileSync(file)
  return text === undefined ? null : Buffer.from(text, 'utf8')
}

function readField(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  if (colon < 1) throw new Error(`not a field: ${JSON.stringify(line)}`)
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

function readNumber(option: string, text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`${option} takes a number`)
  return Number(text)
}
