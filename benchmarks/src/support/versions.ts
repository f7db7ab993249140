// Which versions of the peers were measured. In: nothing. Out: names and versions, for the report.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const PACKAGES: readonly string[] = ['@hono/node-server', 'undici', 'bun', 'deno']

export function peerVersions(): Record<string, string> {
  const versions: Record<string, string> = {}
  for (const name of PACKAGES) versions[name] = packageVersion(name) ?? 'not installed'
  const lock = readFileSync(new URL('../../peers/hyper/Cargo.lock', import.meta.url), 'utf8')
  versions['rust hyper'] = /name = "hyper"\nversion = "([^"]+)"/.exec(lock)?.[1] ?? 'unknown'
  return versions
}

function packageVersion(name: string): string | null {
  const require = createRequire(import.meta.url)
  // Not every package exports its manifest, so it is looked for where packages are.
  for (const directory of require.resolve.paths(name) ?? []) {
    try {
      const manifest = JSON.parse(readFileSync(`${directory}/${name}/package.json`, 'utf8')) as {
        version: string
      }
      return manifest.version
    } catch {
      continue
    }
  }
  return null
}
