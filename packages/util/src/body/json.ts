import { bodyFrom, IterableBody } from '@hyper/core/body'
import type { Body, BodyInit, CollectOptions } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'

/**
 * A body that is the JSON of `value`. Sets no content-type: that is the message's.
 * @throws HyperError `INVALID_BODY` for what JSON cannot say: undefined, functions, symbols, cycles, big integers.
 */
export function jsonBody(value: unknown): Body {
  return bodyFrom(toJson(value))
}

/** A body with the JSON of one value per line, made as fast as it is sent. */
export function jsonLines(values: AsyncIterable<unknown> | Iterable<unknown>): Body {
  return new IterableBody(lines(values))
}

/**
 * Reads a body as JSON.
 * @throws HyperError (as a rejection) as `collect`; a SyntaxError when the text is no JSON.
 */
export async function readJson(init: BodyInit, options?: CollectOptions): Promise<unknown> {
  return bodyFrom(init).json(options)
}

async function* lines(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${toJson(value)}\n`
}

function toJson(value: unknown): string {
  let text: string | undefined
  let cause: unknown
  try {
    text = JSON.stringify(value) as string | undefined
  } catch (error) {
    cause = error
  }
  if (text === undefined) throw new HyperError('INVALID_BODY', 'the value has no JSON', { by: 'user', cause })
  return text
}
