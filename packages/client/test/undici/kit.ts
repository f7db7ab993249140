import type {
  DispatchController,
  DispatchHandler,
  DispatchOptions,
  HyperDispatcher,
} from '../../src/undici/index.ts'

/** What is asked of the socket of an upgrade. */
interface Stream extends NodeJS.EventEmitter {
  readonly writableEnded: boolean
  resume(): unknown
  setEncoding(encoding: 'latin1' | 'utf8'): unknown
  write(chunk: string | Uint8Array): unknown
  destroy(): unknown
}

// Handlers of both generations that write down what they hear, in the same words.

export type GenerationName = 'later' | 'earlier'
export const GENERATIONS: readonly GenerationName[] = ['later', 'earlier']

/** What a handler heard, and what it can do. */
export interface Record {
  /** `start`, `head 200`, `data hello`, `end`, `error CODE`, `upgrade 101`; in their order. */
  readonly heard: string[]
  readonly heads: { status: number; reason: string; raw: string[]; fields: unknown }[]
  trailers: string[]
  /** The same as an object; of the later generation alone. */
  trailerFields: unknown
  error: (Error & { code?: string }) | null
  socket: Stream | null
  /** Of the later generation alone. */
  controller: DispatchController | null
  /** Whether more data is wanted after what came. */
  wants: boolean
  abort(reason?: Error): void
  resume(): void
  /** What is to happen where something is heard. */
  on: (what: string) => void
  /** Resolves when it is over. */
  readonly done: Promise<Record>
}

const text = (raw: readonly Buffer[]): string[] => raw.map((part) => part.toString('latin1'))

export function record(generation: GenerationName): { record: Record; handler: DispatchHandler } {
  let over: (record: Record) => void
  const made: Record = {
    heard: [],
    heads: [],
    trailers: [],
    trailerFields: null,
    error: null,
    socket: null,
    controller: null,
    wants: true,
    abort: () => {},
    resume: () => {},
    on: () => {},
    done: new Promise((resolve) => {
      over = resolve
    }),
  }
  const hear = (what: string): void => {
    made.heard.push(what)
    made.on(what)
  }
  const fail = (error: Error): void => {
    made.error = error
    over(made)
    hear(`error ${made.error.code ?? error.name}`)
  }
  const later: DispatchHandler = {
    onRequestStart(controller) {
      made.controller = controller
      made.abort = (reason) => controller.abort(reason)
      made.resume = () => controller.resume()
      hear('start')
    },
    onResponseStart(controller, status, fields, reason) {
      made.heads.push({ status, reason: reason ?? '', raw: text(controller.rawHeaders ?? []), fields })
      hear(`head ${status}`)
      if (!made.wants) controller.pause()
    },
    onResponseData(controller, chunk) {
      hear(`data ${chunk.toString('latin1')}`)
      if (!made.wants) controller.pause()
    },
    onResponseEnd(controller, trailers) {
      made.trailers = text(controller.rawTrailers ?? [])
      made.trailerFields = trailers
      over(made)
      hear('end')
    },
    onResponseError(_controller, error) {
      fail(error)
    },
    onRequestUpgrade(controller, status, fields, socket) {
      made.heads.push({ status, reason: '', raw: text(controller.rawHeaders ?? []), fields })
      made.socket = socket
      over(made)
      hear(`upgrade ${status}`)
    },
  }
  const earlier: DispatchHandler = {
    onConnect(abort) {
      made.abort = abort
      hear('start')
    },
    onHeaders(status, raw, resume, reason) {
      made.resume = resume
      made.heads.push({ status, reason, raw: text(raw), fields: null })
      hear(`head ${status}`)
      return made.wants
    },
    onData(chunk) {
      hear(`data ${chunk.toString('latin1')}`)
      return made.wants
    },
    onComplete(trailers) {
      made.trailers = text(trailers as Buffer[])
      over(made)
      hear('end')
    },
    onError(error) {
      fail(error)
    },
    onUpgrade(status, raw, socket) {
      made.heads.push({ status, reason: '', raw: text(raw), fields: null })
      made.socket = socket
      over(made)
      hear(`upgrade ${status}`)
    },
  }
  return { record: made, handler: generation === 'later' ? later : earlier }
}

/** Sends a request, and writes down what is heard. */
export function dispatch(
  dispatcher: HyperDispatcher,
  generation: GenerationName,
  options: Partial<DispatchOptions>,
): Record & { readonly accepted: boolean } {
  const made = record(generation)
  const accepted = dispatcher.dispatch({ path: '/', method: 'GET', ...options }, made.handler)
  return Object.assign(made.record, { accepted })
}

/** What a body has said, as one text. */
export function bodyOf({ heard }: Record): string {
  return heard
    .filter((what) => what.startsWith('data '))
    .map((what) => what.slice(5))
    .join('')
}
