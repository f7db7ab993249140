import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

// Wire vectors: archives in the folder that HYPER_VECTORS names. In: the name of an archive. Out: its JSON files by
// path, read where they stand; or why there are none, to be printed as a skipped test.

const BLOCK = 512

export interface Vectors {
  readonly files: ReadonlyMap<string, unknown>
  /** Why there is nothing; empty otherwise. */
  readonly missing: string
}

export function readVectors(archive: string): Vectors {
  const files = new Map<string, unknown>()
  const missing = whyMissing(archive)
  if (missing !== '') {
    console.warn(`skipped: ${missing}`)
    return { files, missing }
  }
  const path = join(process.env['HYPER_VECTORS']!, archive)
  const tar = gunzipSync(readFileSync(path))
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const size = Number.parseInt(text(tar, at + 124, 12), 8)
    const name = text(tar, at, 100)
    if (name.endsWith('.json')) {
      files.set(
        name.replace(/^\.\//, ''),
        JSON.parse(tar.toString('utf8', at + BLOCK, at + BLOCK + size)) as unknown,
      )
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return { files, missing: '' }
}

function whyMissing(archive: string): string {
  const folder = process.env['HYPER_VECTORS']
  if (folder === undefined || folder === '') return `${archive}: HYPER_VECTORS is not set`
  return existsSync(join(folder, archive)) ? '' : `${archive} is not in ${folder}`
}

/** A field of a tar header: up to the first NUL. */
function text(tar: Buffer, at: number, size: number): string {
  return tar.toString('latin1', at, at + size).replace(/[\0 ].*$/s, '')
}
