// The client of the reference client, by its arguments.
import { Client } from '@hyper/client'
import type { ClientArguments } from './client-arguments.ts'

/** With `--http2` it speaks that alone: by prior knowledge to http URLs, by ALPN to https ones. */
export function clientFor({ ca, http2, insecure }: ClientArguments): Client {
  return new Client({
    ...(ca === null ? {} : { ca }),
    ...(http2 ? { http1: false, http2: { priorKnowledge: true } } : {}),
    rejectUnauthorized: !insecure,
    // It reports what the server has said, and not what can be made of it.
    redirect: 'manual',
    decompress: false,
  })
}
