// Messages that micro and pair benchmarks share: what a browser sends, not the least a parser could be given.

export const BROWSER_FIELDS: readonly (readonly [string, string])[] = [
  ['Host', 'www.example.org'],
  ['Connection', 'keep-alive'],
  ['Cache-Control', 'max-age=0'],
  ['Upgrade-Insecure-Requests', '1'],
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  ],
  ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'],
  ['Sec-Fetch-Site', 'none'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Accept-Language', 'en-GB,en;q=0.9,de;q=0.8'],
  ['Cookie', 'session=5f2b8c1e9a7d4f3b; theme=dark; consent=yes'],
  ['If-None-Match', 'W/"1a2b-18c3d4e5f60"'],
]

export const SMALL_REQUEST: Uint8Array = text('GET / HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n')
export const BROWSER_REQUEST: Uint8Array = requestOf(BROWSER_FIELDS)

/** A GET whose head has `fields` fields of `size` bytes in all, field by field of equal length. */
export function largeRequest(fields: number, size: number): Uint8Array {
  const length = Math.floor(size / fields) - 'x-field-00: \r\n'.length
  const list = Array.from({ length: fields }, (_, index) => {
    return [`X-Field-${String(index).padStart(2, '0')}`, 'v'.repeat(length)] as const
  })
  return requestOf([['Host', 'www.example.org'], ...list])
}

/** A POST with `size` bytes in chunks of `chunk` bytes. */
export function chunkedRequest(size: number, chunk: number): Uint8Array {
  const piece = `${chunk.toString(16)}\r\n${'a'.repeat(chunk)}\r\n`
  const head = 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n'
  return text(`${head}${piece.repeat(size / chunk)}0\r\n\r\n`)
}

function requestOf(fields: readonly (readonly [string, string])[]): Uint8Array {
  return text(`GET / HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
}

function text(latin1: string): Uint8Array {
  return new Uint8Array(Buffer.from(latin1, 'latin1'))
}
