import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

// A name server for tests: A and AAAA from a table, by UDP (RFC 1035). It writes down what it was asked.

/** What is known of a name: addresses with their TTL in seconds; `'lost'` gives no answer at all. */
export type Records = Readonly<
  Record<string, readonly (readonly [address: Uint8Array, ttl: number])[] | 'lost'>
>

const HEAD = 12
const A = 1
const AAAA = 28
const NO_SUCH_NAME = 3

export class DnsServer {
  /** `A a.test`, in the order of arrival. */
  readonly asked: string[]
  private readonly socket: Socket
  private readonly records: Records

  private constructor(records: Records) {
    this.asked = []
    this.records = records
    this.socket = createSocket('udp4')
    this.socket.on('message', (query, { address, port }) => {
      const answer = this.answer(query)
      if (answer !== null) this.socket.send(answer, port, address)
    })
  }

  /** @param records by `A a.test` and `AAAA a.test`; a name with neither does not exist */
  static async start(records: Records): Promise<DnsServer> {
    const server = new DnsServer(records)
    server.socket.bind(0, '127.0.0.1')
    await once(server.socket, 'listening')
    return server
  }

  get address(): string {
    return `127.0.0.1:${(this.socket.address() as AddressInfo).port}`
  }

  close(): void {
    this.socket.close()
  }

  private answer(query: Buffer): Uint8Array | null {
    const labels: string[] = []
    let at = HEAD
    for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const end = at + 5
    const name = labels.join('.')
    const type = query.readUInt16BE(at + 1)
    const key = `${type === AAAA ? 'AAAA' : type === A ? 'A' : type} ${name}`
    this.asked.push(key)
    const records = this.records[key] ?? []
    if (records === 'lost') return null
    const isKnown = Object.keys(this.records).some((known) => known.endsWith(` ${name}`))
    const head = Buffer.alloc(HEAD)
    query.copy(head, 0, 0, 2)
    head.writeUInt16BE(0x8180 | (isKnown ? 0 : NO_SUCH_NAME), 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(records.length, 6)
    const answers = records.map(([bytes, ttl]) => {
      const record = Buffer.alloc(12)
      // The name is that of the question.
      record.writeUInt16BE(0xc000 | HEAD, 0)
      record.writeUInt16BE(type, 2)
      record.writeUInt16BE(1, 4)
      record.writeUInt32BE(ttl, 6)
      record.writeUInt16BE(bytes.length, 10)
      return Buffer.concat([record, bytes])
    })
    return Buffer.concat([head, query.subarray(HEAD, end), ...answers])
  }
}
