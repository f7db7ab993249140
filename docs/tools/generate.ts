// Writes what can be made: the states page, and the code blocks of the guide and the README from their examples.
//
//   node --conditions=source docs/tools/generate.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fillBlocks, pages, root } from './pages.ts'
import { statesPage } from './states.ts'

writeFileSync(join(root, 'docs/states.md'), statesPage())
for (const page of ['README.md', ...pages('docs/guide/*.md', 'packages/{core,util,client,server}/README.md')])
  fillBlocks(page)
