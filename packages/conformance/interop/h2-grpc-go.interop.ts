// The Go gRPC interop client against our server: its fourteen cases.
// go install google.golang.org/grpc/interop/client@v1.33.3 gives a program named `client`; HYPER_PEER_GRPC_INTEROP_CLIENT names it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startH2Reference, type H2Reference } from '../test/peers/h2-reference.ts'
import { testService } from './h2-grpc-test-service.ts'
import { describeWithPeer } from './peer.ts'

const CASES = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'timeout_on_sleeping_server',
  'cancel_after_begin',
  'cancel_after_first_response',
  'status_code_and_message',
  'special_status_message',
  'custom_metadata',
  'unimplemented_method',
  'unimplemented_service',
]

describeWithPeer('grpc-interop-client', (path) => {
  let server: H2Reference
  beforeAll(async () => {
    server = await startH2Reference({ service: testService })
  })
  afterAll(() => server.close())

  test.each(CASES)('%s', async (name) => {
    const words = [`--server_host=127.0.0.1`, `--server_port=${server.port}`, `--test_case=${name}`]
    await promisify(execFile)(path, words, { timeout: 60_000 })
    expect(server.requests()).toBeGreaterThan(0)
  })
})
