import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescService,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf'
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt'
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  type HandlerContext,
} from '@connectrpc/connect'
import type { FetchHandler } from '@hyper/server'
import { rpcHandler } from '../../../../docs/examples/rpc-handler.ts'

// A small service, defined at run time: no generated code. In: a ConnectRouter, whose handlers speak Connect, gRPC and
// gRPC-Web. Out: a fetch handler for `serve`, trailers and all.

/** The one message. */
export interface Say {
  text: string
  count: number
}

const field = (name: string, number: number, type: FieldDescriptorProto_Type): object => ({
  name,
  number,
  type,
  label: FieldDescriptorProto_Label.OPTIONAL,
  jsonName: name,
})

const rpc = (name: string, clientStreaming: boolean, serverStreaming: boolean): object => ({
  name,
  inputType: '.test.Say',
  outputType: '.test.Say',
  clientStreaming,
  serverStreaming,
})

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      create(FileDescriptorProtoSchema, {
        name: 'echo.proto',
        package: 'test',
        syntax: 'proto3',
        messageType: [
          {
            name: 'Say',
            field: [
              field('text', 1, FieldDescriptorProto_Type.STRING),
              field('count', 2, FieldDescriptorProto_Type.INT32),
            ],
          },
        ],
        service: [
          {
            name: 'Echo',
            method: [
              rpc('Unary', false, false),
              rpc('Down', false, true),
              rpc('Up', true, false),
              rpc('Both', true, true),
              rpc('Wait', false, false),
            ],
          },
        ],
      }),
    ],
  }),
)

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not in the registry')
  return value
}

export const SAY: DescMessage = found(registry.getMessage('test.Say'))
export const ECHO: DescService = found(registry.getService('test.Echo'))

export const say = (text: string, count = 0): Say => create(SAY, { text, count } as never) as unknown as Say
export const toBytes = (message: Say): Buffer => Buffer.from(toBinary(SAY, message as never))
export const fromBytes = (bytes: Uint8Array): Say => fromBinary(SAY, bytes) as unknown as Say

/** What the tests look at besides the answers. */
export interface Seen {
  /** Calls of `Wait` that are there. */
  waiting: number
  /** Those that were given up. */
  cancelled: number
}

function routes(router: ConnectRouter, seen: Seen): void {
  const echo = {
    unary(request: Say, context: HandlerContext): Say {
      if (request.text === 'fail') {
        const metadata = { 'x-detail': 'why' }
        throw new ConnectError('not ☺ possible', Code.FailedPrecondition, metadata)
      }
      context.responseHeader.set('x-asked', context.requestHeader.get('x-ask') ?? 'nobody')
      context.responseTrailer.set('x-after', 'the end')
      return say(`${request.text} back`, request.count + 1)
    },
    async *down(request: Say, context: HandlerContext): AsyncGenerator<Say> {
      for (let i = 0; i < request.count; i++) yield say(request.text, i)
      context.responseTrailer.set('x-after', String(request.count))
    },
    async up(requests: AsyncIterable<Say>): Promise<Say> {
      let [text, count] = ['', 0]
      for await (const request of requests) {
        text += request.text
        count++
      }
      return say(text, count)
    },
    async *both(requests: AsyncIterable<Say>): AsyncGenerator<Say> {
      for await (const request of requests) yield say(`${request.text}!`, request.count)
    },
    wait(_: Say, { signal }: HandlerContext): Promise<Say> {
      return new Promise((_, reject) => {
        seen.waiting++
        signal.addEventListener('abort', () => {
          seen.waiting--
          seen.cancelled++
          reject(new ConnectError('given up', Code.Canceled))
        })
      })
    },
  }
  router.service(ECHO, echo as never)
}

/** A fetch handler of the service, as the guide has it. */
export function echoHandler(seen: Seen): FetchHandler {
  const router = createConnectRouter()
  routes(router, seen)
  return rpcHandler(router)
}
