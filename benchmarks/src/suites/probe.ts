// What every server here is asked once before it is measured: whether it answers as all others do. In: a port. Out: nothing, or an error
// with the answer in it.
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'

const PROBE_PATIENCE = 5_000

/** One request on a connection of its own. @throws Error with the answer when it is another than that of all others */
export async function probeHttp1(port: number): Promise<void> {
  const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
  const head = answer.slice(0, answer.indexOf('\r\n\r\n')).toLowerCase()
  const good =
    head.startsWith('http/1.1 200') &&
    /^content-type: *text\/plain/m.test(head) &&
    /^date: .* gmt/m.test(head) &&
    /^content-length: *13\b/m.test(head) &&
    answer.endsWith('\r\n\r\nHello, World!')
  if (!good) throw new Error(`not the answer that every server here gives: ${JSON.stringify(answer)}`)
}

// Reads until the body is whole: the floor keeps the connection open, whatever it is asked.
function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    let text = ''
    const finish = (error: Error | null): void => {
      clearTimeout(timer)
      socket.destroy()
      if (error === null) resolve(text)
      else reject(error)
    }
    const timer = setTimeout(
      () => finish(new Error(`no whole answer, only ${JSON.stringify(text)}`)),
      PROBE_PATIENCE,
    )
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.endsWith('Hello, World!')) finish(null)
    })
    socket.on('end', () => finish(null))
    socket.on('error', finish)
    socket.write(request)
  })
}

/** The same over HTTP/2. @throws Error */
export async function probeHttp2(port: number): Promise<void> {
  const answer = await exchangeHttp2(port)
  const [status, type, length, date, text] = answer
  const good =
    status === '200' &&
    type?.startsWith('text/plain') === true &&
    length === '13' &&
    date?.endsWith('GMT') === true &&
    text === 'Hello, World!'
  if (!good) throw new Error(`not the answer that every server here gives: ${JSON.stringify(answer)}`)
}

function exchangeHttp2(port: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    const timer = setTimeout(() => session.destroy(new Error('no whole answer')), PROBE_PATIENCE)
    const finish = (): void => {
      clearTimeout(timer)
      session.destroy()
    }
    session.on('error', reject)
    const stream = session.request({ ':path': '/' })
    const answer: string[] = []
    let text = ''
    stream.setEncoding('latin1')
    stream.on('response', (fields) => {
      for (const name of [':status', 'content-type', 'content-length', 'date'])
        answer.push(String(fields[name]))
    })
    stream.on('data', (chunk: string) => (text += chunk))
    stream.on('end', () => {
      finish()
      resolve([...answer, text])
    })
    stream.on('error', (error) => {
      finish()
      reject(error)
    })
  })
}
