import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

// The types of a dispatcher as a program has them that has installed the package: with the libraries that it may name.

const here = fileURLToPath(new URL('.', import.meta.url))
const built = fileURLToPath(import.meta.resolve('@hyper/client/package.json')).replace(
  'package.json',
  'dist/undici.d.ts',
)
const isBuilt = existsSync(built)
if (!isBuilt) console.log(`skipped: ${built} is not there; npm run build makes it`)

const OPTIONS =
  '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target es2023 --types node'

describe.skipIf(!isBuilt)('a dispatcher is one of undici 6, 7 and 8', () => {
  test.each(['es2024,esnext.disposable', 'es2024,dom,dom.iterable,esnext.disposable'])(
    'with %s',
    async (libraries) => {
      const options = [...OPTIONS.split(' '), '--lib', libraries, `${here}types.ts`]
      const said = await promisify(execFile)('tsc', options, { cwd: here }).then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      )
      expect(said).toBe('')
    },
  )
})
