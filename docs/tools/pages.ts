import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

// Pages and the example files that their code blocks name. A block that begins with
//
//     ```ts file=../examples/server.ts#hello
//
// must stand in that file, between `// #region hello` and `// #endregion hello`. A region may have several parts: they
// follow each other in the block, an empty line between them.

export const root: string = dirname(dirname(import.meta.dirname))

/** One code block of a page. */
export interface Block {
  /** The page and line, for messages. */
  readonly at: string
  readonly language: string
  /** The file it names, from the root of the repository; null when it names none. */
  readonly file: string | null
  readonly region: string | null
  readonly text: string
}

/** Paths of pages, from the root of the repository. */
export function pages(...places: string[]): string[] {
  return places.flatMap((place) => globSync(place, { cwd: root })).toSorted()
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  const text = read(page)
  for (const match of text.matchAll(/^```(\S+)?([^\n]*)\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, match.index).split('\n').length
    const named = /file=(\S+?)(?:#(\S+))?(?:\s|$)/.exec(match[2] ?? '')
    blocks.push({
      at: `${page}:${line}`,
      language: match[1] ?? '',
      file: named === null ? null : relative(root, join(root, dirname(page), named[1] ?? '')),
      region: named?.[2] ?? null,
      text: match[3] ?? '',
    })
  }
  return blocks
}

/** The text of a region; the whole file when `region` is null. @throws Error when there is no such region. */
export function regionOf(file: string, region: string | null): string {
  const lines = read(file).split('\n')
  if (region === null) return lines.join('\n')
  const parts: string[][] = []
  let isInside = false
  for (const line of lines) {
    const mark = /^\s*\/\/ #(region|endregion) (\S+)$/.exec(line)
    if (mark !== null && mark[2] === region) {
      isInside = mark[1] === 'region'
      if (isInside) parts.push([])
    } else if (isInside && mark === null) parts.at(-1)?.push(line)
  }
  if (parts.length === 0) throw new Error(`${file} has no region ${region}`)
  return parts.map(dedented).join('\n\n') + '\n'
}

function dedented(lines: readonly string[]): string {
  const least = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  return lines
    .map((line) => line.slice(least))
    .join('\n')
    .trim()
}

/** Writes the regions that a page names into its blocks. */
export function fillBlocks(page: string): void {
  const filled = read(page).replaceAll(
    /^(```ts [^\n]*file=(\S+?)(?:#(\S+))?\n)[\s\S]*?^```$/gm,
    (_, head, file, region) => {
      const path = relative(root, join(root, dirname(page), String(file)))
      return `${head}${regionOf(path, (region as string | undefined) ?? null)}\`\`\``
    },
  )
  writeFileSync(join(root, page), filled)
}

/** The rows of every table of a page whose first column is headed `head`: cells without their backticks. */
export function tableRows(page: string, head: string): string[][] {
  const rows: string[][] = []
  let isInside = false
  for (const line of read(page).split('\n')) {
    if (!line.startsWith('|')) {
      isInside = false
      continue
    }
    const cells = line
      .slice(1, line.lastIndexOf('|'))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim())
    if (cells[0] === head) isInside = true
    else if (isInside && !/^-+$/.test(cells[0] ?? '')) rows.push(cells)
  }
  return rows
}

/** A cell without its backticks. */
export function bare(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '')
}
