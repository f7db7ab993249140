import type { Duplex } from 'node:stream'
import type { HttpResponse } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import type { IoParts } from '@hyper/core/service'
import { duplexFrom } from '@hyper/util/platform'
import type { VerbOptions } from './options.ts'

/** What to ask for in an upgrade. */
export interface UpgradeOptions extends VerbOptions {
  /** What the `Upgrade` field says, for example `'websocket'`. */
  readonly protocol: string
  /**
   * True to ask over HTTP/2, by an extended CONNECT (RFC 8441), where the server speaks it and offers that: the answer is
   * a 2xx then, and the stream one of many on its connection. Default false: over a connection of HTTP/1 of its own.
   */
  readonly http2?: boolean | undefined
}

/** A connection that speaks another protocol now. It belongs to the caller: no client closes it. */
export class Upgraded {
  /** The 101, or the 2xx to a CONNECT. */
  readonly response: HttpResponse
  readonly io: Io
  /** Bytes of the new protocol that came with the answer; `io.start` delivers what comes after them. */
  readonly leftover: Uint8Array

  constructor(response: HttpResponse, parts: IoParts) {
    this.response = response
    this.io = parts.io
    this.leftover = parts.leftover
  }

  /** The same as a Duplex of Node, which gives the leftover first. Call it once, and leave `io` alone then. */
  duplex(): Duplex {
    return duplexFrom(this.io, this.leftover)
  }
}
