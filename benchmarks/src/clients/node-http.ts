// `node:http` with a keep-alive agent.
import { Agent, request } from 'node:http'
import { connections, port, runLoops } from './common.ts'

const agent = new Agent({ keepAlive: true, maxSockets: connections })
const options = { host: '127.0.0.1', port, path: '/', agent }

runLoops(
  () =>
    new Promise((resolve, reject) => {
      const message = request(options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve(text))
        response.on('error', reject)
      })
      message.on('error', reject)
      message.end()
    }),
)
