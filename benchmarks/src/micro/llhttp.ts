// Node's own parser (llhttp, native), as `node:http` uses it. Internal to Node: a yardstick here, nothing to build on.
import { createRequire } from 'node:module'

interface NativeParser {
  initialize(type: number, resource: object): void
  execute(bytes: Uint8Array): number | Error
  [index: number]: unknown
}

interface NativeParserClass {
  new (): NativeParser
  readonly REQUEST: number
  readonly kOnHeadersComplete: number
  readonly kOnBody: number
  readonly kOnMessageComplete: number
}

/** A parser that counts, fed like the machines here. */
export class LlhttpSide {
  received: number
  requests: number
  private readonly parser: NativeParser

  constructor() {
    const { HTTPParser } = createRequire(import.meta.url)('node:_http_common') as {
      HTTPParser: NativeParserClass
    }
    this.received = 0
    this.requests = 0
    this.parser = new HTTPParser()
    this.parser.initialize(HTTPParser.REQUEST, {})
    this.parser[HTTPParser.kOnHeadersComplete] = () => {
      this.requests += 1
      return 0
    }
    this.parser[HTTPParser.kOnBody] = (bytes: Uint8Array) => {
      this.received += bytes.length
    }
    this.parser[HTTPParser.kOnMessageComplete] = () => undefined
  }

  receive(bytes: Uint8Array): void {
    const used = this.parser.execute(bytes)
    if (typeof used !== 'number') throw used
  }
}
