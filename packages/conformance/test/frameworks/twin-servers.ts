import {
  createServer as createNodeServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { createServer, type NodeServerOptions } from '@hyper/server/node'

// The same listener behind node:http and behind ours, asked the same by raw bytes. Out: what came back, taken apart, and
// what the listener noted, in order.

export type Note = (what: string) => void
export type Listener = (req: IncomingMessage, res: ServerResponse, note: Note) => void

export interface Play {
  readonly listener: Listener
  /** What is written to the connection, in turn; a function acts on the socket. */
  readonly bytes: readonly (
    | string
    | Buffer
    | ((socket: Socket, notes: readonly string[]) => void | Promise<void>)
  )[]
  readonly options?: NodeServerOptions
  /** Further set-up: listeners of the server. */
  readonly prepare?: (server: Server, note: Note) => void
}

export interface Outcome {
  /** Each message: status line, fields without what may differ, body without its framing. */
  readonly answers: readonly Answer[]
  readonly notes: readonly string[]
}

export interface Answer {
  readonly line: string
  readonly fields: readonly string[]
  readonly body: string
}

type Maker = (
  options: NodeServerOptions,
  listener: (req: IncomingMessage, res: ServerResponse) => void,
) => Server
export const MAKERS: Readonly<Record<'node' | 'ours', Maker>> = { node: createNodeServer, ours: createServer }

/** Names of fields that both may say in their own way. */
const OWN = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']

export async function play(
  maker: 'node' | 'ours',
  { bytes, listener, options, prepare }: Play,
): Promise<Outcome> {
  const notes: string[] = []
  const note: Note = (what) => void notes.push(what)
  const server = MAKERS[maker](options ?? {}, (req, res) => listener(req, res, note))
  prepare?.(server, note)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.on('close', resolve))
  for (const step of bytes) {
    if (typeof step === 'function') await step(socket, notes)
    else socket.write(step)
  }
  await closed
  const over = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await over
  // What a stream still has to tell, it tells within a few turns.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  return { answers: answersOf(Buffer.concat(chunks).toString('latin1')), notes }
}

/** A step that waits until the listener has noted something that begins so. */
export function noted(what: string): (socket: Socket, notes: readonly string[]) => Promise<void> {
  return async (_, notes) => {
    while (!notes.some((note) => note.startsWith(what)))
      await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** A step that waits for something to arrive. */
export async function answered(socket: Socket): Promise<void> {
  await once(socket, 'data')
}

/** Every event of both messages. */
export function watch(req: IncomingMessage, res: ServerResponse, note: Note): void {
  for (const name of ['end', 'close', 'aborted'] as const) req.on(name, () => note(`req ${name}`))
  req.on('error', (error: NodeJS.ErrnoException) => note(`req error ${error.code} ${error.message}`))
  for (const name of ['prefinish', 'finish', 'close'] as const) res.on(name, () => note(`res ${name}`))
  res.on('error', (error: NodeJS.ErrnoException) => note(`res error ${error.code}`))
}

function answersOf(text: string): Answer[] {
  const answers: Answer[] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return [...answers, { line: rest, fields: [], body: 'INCOMPLETE HEAD' }]
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n')
    const framed = bodyOf(rest.slice(end + 4), line, fields)
    answers.push({
      line: line.replace(/^HTTP\/1\.[01]/, 'HTTP'),
      fields: fields.filter((field) => !OWN.includes(field.split(':', 1)[0]!.toLowerCase())),
      body: framed.body,
    })
    rest = framed.rest
  }
  return answers
}

function bodyOf(text: string, line: string, fields: readonly string[]): { body: string; rest: string } {
  const status = Number(line.split(' ')[1])
  if (status < 200 || status === 204 || status === 304) return { body: '', rest: text }
  const valueOf = (name: string): string | undefined =>
    fields
      .find((field) => field.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  if (valueOf('transfer-encoding') !== undefined) return chunked(text)
  const length = valueOf('content-length')
  if (length === undefined) return { body: text, rest: '' }
  return { body: text.slice(0, Number(length)), rest: text.slice(Number(length)) }
}

function chunked(text: string): { body: string; rest: string } {
  let body = ''
  let rest = text
  for (;;) {
    const line = rest.indexOf('\r\n')
    if (line < 0) return { body: `${body} CUT OFF`, rest: '' }
    const size = Number.parseInt(rest.slice(0, line), 16)
    rest = rest.slice(line + 2)
    if (size === 0) {
      const end = rest.startsWith('\r\n') ? 0 : rest.indexOf('\r\n\r\n') + 2
      return { body: end === 0 ? body : `${body} TRAILERS ${rest.slice(0, end)}`, rest: rest.slice(end + 2) }
    }
    body += rest.slice(0, size)
    rest = rest.slice(size + 2)
  }
}
