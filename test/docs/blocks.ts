export interface Block {
  readonly file: string
  /** Of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** The `text` block right after it: what it prints. */
  readonly output?: string | undefined
}

const FENCE = /^```(\S*)/

/** The fenced blocks of a Markdown page, in order. */
export function blocksOf(file: string, markdown: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { line: number; language: string; lines: string[] } | undefined
  let blankSince = true
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = line.match(FENCE)
    if (open && fence) {
      const { language } = open
      const code = `${open.lines.join('\n')}\n`
      const last = blocks.at(-1)
      if (language === 'text' && last && blankSince) {
        blocks[blocks.length - 1] = { ...last, output: code }
      } else {
        blocks.push({ file, line: open.line, language, code })
      }
      open = undefined
      blankSince = true
    } else if (open) {
      open.lines.push(line)
    } else if (fence) {
      open = { line: index + 1, language: fence[1] ?? '', lines: [] }
    } else if (line.trim() !== '') {
      blankSince = false
    }
  }
  if (open) throw new Error(`${file}:${open.line}: the block is not closed`)
  return blocks
}

export interface Command {
  /** Without the `$ ` in front. */
  readonly line: string
  /** The lines below it, when the page shows any. */
  readonly output: string
}

/** The commands of a `console` block: lines after `$ `, each with what it prints below. */
export function commandsOf(block: Block): readonly Command[] {
  const commands: { line: string; output: string[] }[] = []
  for (const line of block.code.trimEnd().split('\n')) {
    if (line.startsWith('$ ')) commands.push({ line: line.slice(2), output: [] })
    else if (commands.length > 0) commands.at(-1)?.output.push(line)
    else throw new Error(`${block.file}:${block.line}: a console block starts with "$ "`)
  }
  return commands.map(({ line, output }) => ({ line, output: output.join('\n') }))
}
