// Well-formed pieces that the tables put together and then break. Strings are Latin-1 bytes.

/** The one field that every HTTP/1.1 request needs. */
export const HOST = 'Host: localhost\r\n'

/** A GET without content; `fields` are whole lines. */
export function get(path = '/', fields = ''): string {
  return `GET ${path} HTTP/1.1\r\n${HOST}${fields}\r\n`
}

/** Any method with content already framed by `fields`. */
export function request(method: string, path: string, fields: string, body = ''): string {
  return `${method} ${path} HTTP/1.1\r\n${HOST}${fields}\r\n${body}`
}

/** A POST framed by Content-Length; the length is right unless `length` says otherwise. */
export function postLength(path: string, body: string, length: string = String(body.length)): string {
  return request('POST', path, `Content-Length: ${length}\r\n`, body)
}

/** A POST framed by Transfer-Encoding: chunked, with `body` as the raw coded bytes. */
export function postChunked(path: string, body: string, fields = ''): string {
  return request('POST', path, `${fields}Transfer-Encoding: chunked\r\n`, body)
}

/** `hello`, chunked. */
export const HELLO_CHUNKED = '5\r\nhello\r\n0\r\n\r\n'

/** A visible form of a byte for a row name, for example `x0b`. */
export function byteName(byte: number): string {
  return `x${byte.toString(16).padStart(2, '0')}`
}
