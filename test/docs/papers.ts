/** The papers: README.md and the pages of docs, cut into what can be held against the program. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a paper. */
export interface Block {
  language: string
  text: string
  /** The line of its opening fence, from 1. */
  line: number
  /** What the HTML comment right above it says. */
  marker: string | undefined
  /** Whether nothing but blank lines stands between it and the block before. */
  follows: boolean
}

export interface Paper {
  /** Its path from the root. */
  path: string
  /** Everything outside of fenced blocks. */
  prose: string
  blocks: Block[]
}

/** README.md, CHANGELOG.md, CONTRIBUTING.md and every page of docs. */
export function readPapers(): Paper[] {
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  const docs = pages.filter((name) => name.endsWith('.md')).map((name) => `docs/${name.replaceAll('\\', '/')}`)
  return ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...docs.sort()].map((path) => readPaper(path))
}

export function readPaper(path: string): Paper {
  const prose: string[] = []
  const blocks: Block[] = []
  let open: { block: Block; lines: string[] } | undefined
  let marker: string | undefined
  let follows = false

  for (const [index, line] of readFileSync(join(root, path), 'utf8').split('\n').entries()) {
    if (open) {
      if (line !== '```') {
        open.lines.push(line)
        continue
      }
      blocks.push({ ...open.block, text: open.lines.join('\n') })
      open = undefined
      follows = true
    } else if (line.startsWith('```')) {
      open = { block: { language: line.slice(3), text: '', line: index + 1, marker, follows }, lines: [] }
      marker = undefined
    } else {
      prose.push(line)
      if (line.trim() === '') continue
      marker = /^<!-- (.*) -->$/.exec(line)?.[1]
      follows = false
    }
  }
  if (open) throw new Error(`${path}: the block of line ${open.block.line} has no end`)
  return { path, prose: prose.join('\n'), blocks }
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ prose }: Paper): Set<string> {
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** The lines that the comments of a module say it prints. */
export function printedBy(code: string): string[] {
  const printed: string[] = []
  let continues = false
  for (const line of code.split('\n')) {
    const [, first] = /\/\/ → (.*)$/.exec(line) ?? []
    const [, further] = /^\s*\/\/ {3}(.*)$/.exec(line) ?? []
    if (first !== undefined) printed.push(first)
    else if (continues && further !== undefined) printed.push(further)
    continues = first !== undefined || (continues && further !== undefined)
  }
  return printed.length === 0 ? [''] : printed
}
