// `node:http2`, one session for all streams.
import { connect } from 'node:http2'
import { fail, port, runLoops } from './common.ts'

const session = connect(`http://127.0.0.1:${port}`)
session.on('error', fail)
const head = { ':path': '/' }

runLoops(
  () =>
    new Promise((resolve, reject) => {
      const stream = session.request(head)
      let text = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (text += chunk))
      stream.on('end', () => resolve(text))
      stream.on('error', reject)
    }),
)
