import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// Programs of the guide, as they stand there, on Bun.

const examples = join(import.meta.dirname, '..', '..', '..', 'docs', 'examples')

test.each([
  ['readme.ts', '200 1.1 Hello, World!\n200 Hello\nGET /a?b\n'],
  ['server-close.ts', 'connections that still run: 1\nclose done\nconnections: 0\nshort-lived\n'],
  [
    'server-http2.ts',
    '103 </style.css>; rel=preload\nx-length 5\n/two by HTTP/2\n/one by HTTP/1.1\nGOAWAY 0\n',
  ],
])('%s', async (name, expected) => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=source',
    join(examples, name),
  ])
  expect(stdout).toBe(expected)
})
