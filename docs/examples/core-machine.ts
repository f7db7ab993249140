// The machines alone: bytes and time in, events and bytes out. No socket, no timer, no promise.
// #region server
import { h1 } from '@hyper/core'
import { HeaderMap } from '@hyper/core/http'

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))

const server = new h1.ServerMachine({ headerReadTimeout: 5_000 }, 0) // accepted at time 0

/** Everything that the machine has to say, as text. */
function output(machine: h1.Machine): string {
  let text = ''
  for (let piece = machine.output.take(); piece !== null; piece = machine.output.take()) {
    text += typeof piece === 'string' ? piece : String.fromCharCode(...piece)
  }
  return text
}

/** Takes events until the machine wants more bytes. */
function run(machine: h1.ServerMachine): void {
  for (;;) {
    switch (machine.nextEvent()) {
      case h1.HEAD_EVENT:
        console.log('head:', machine.request?.method, machine.request?.target, machine.bodyLength)
        break
      case h1.DATA_EVENT:
        console.log('data:', String.fromCharCode(...machine.data))
        break
      case h1.END_EVENT:
        console.log('end:', machine.trailers?.get('x-sum') ?? null)
        machine.sendHead(200, null, new HeaderMap([['content-type', 'text/plain']]), 2, false)
        machine.sendText('ok')
        machine.sendEnd(null)
        break
      case h1.FAILED:
        console.log('failed:', machine.error?.code)
        break
      default:
        return // NEED_DATA, PAUSED, CLOSED_EVENT
    }
  }
}

// Bytes may come in any pieces.
server.receive(latin1('POST /in HTTP/1.1\r\nhost: x\r\ntransfer-enc'), 10)
run(server)
server.receive(latin1('oding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n'), 20)
run(server)
console.log(JSON.stringify(output(server)))
// #endregion server

// #region time
server.receive(latin1('GET / HT'), 30)
run(server)
console.log('due at', server.nextDeadline)
server.handleDeadline(5_030) // the head was begun at 30 and is not complete
run(server)
console.log(output(server).split('\r\n')[0])
// #endregion time

// #region client
const client = new h1.ClientMachine()
client.sendHead('GET', '/', '1.1', new HeaderMap([['host', 'x']]), 0)
console.log(JSON.stringify(output(client)))
client.receive(latin1('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'), 0)
while (client.nextEvent() !== h1.END_EVENT)
  if (client.data.length > 0) console.log(client.response?.status, client.data.length)
console.log('another request may be sent:', client.isIdle)
// #endregion client
