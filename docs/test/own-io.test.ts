import { duplexPair } from 'node:stream'
import { ioSuite } from '../../packages/conformance/src/io-suite.ts'
import { streamIo } from '../examples/stream-io.ts'

// The adapter that the guide shows keeps the whole contract, as the real ones do.

ioSuite('the stream adapter of the guide', {
  connect: () => {
    const [left, right] = duplexPair()
    // The pair of Node 22 does not tell a half that the other one was destroyed.
    left.on('close', () => right.push(null))
    right.on('close', () => left.push(null))
    return Promise.resolve({ left: streamIo(left), right: streamIo(right) })
  },
  hasReset: false,
  noticesWhilePaused: false,
  readAhead: 1_048_576,
})
