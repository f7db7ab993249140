// The sockets of the runtime that the tests run on: those of Node, and on Bun its own, by the same names. What one of them says or
// does otherwise is asked of `onBun`, beside the test.
import * as bun from '@hyper/util/bun'
import * as node from '@hyper/util/node'

export const onBun: boolean = 'Bun' in globalThis

export const connectTcp: typeof node.connectTcp = onBun ? bun.connectTcp : node.connectTcp
export const dialTcp: typeof node.dialTcp = onBun ? bun.dialTcp : node.dialTcp
export const dialUnix: typeof node.dialUnix = onBun ? bun.dialUnix : node.dialUnix
export const listen: typeof node.listen = onBun ? bun.listen : node.listen
export const secure: typeof node.secure = onBun ? bun.secure : node.secure
export const secureBy: typeof node.nodeSecure = onBun ? bun.bunSecure : node.nodeSecure
export const connectorOf: typeof node.nodeConnector = onBun ? bun.bunConnector : node.nodeConnector
export const runtime: typeof node.nodeRuntime = onBun ? bun.bunRuntime : node.nodeRuntime
