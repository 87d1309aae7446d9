import { readFile } from 'node:fs/promises'
import { ERROR_CODES, OUTCOMES } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { TABLES, withTables } from '../../scripts/tables.ts'
import { EXIT } from '../../src/cli/exit.ts'

const read = (page: string) => readFile(new URL(`../../${page}`, import.meta.url), 'utf8')

/** The first cells of the rows of the table below a heading. */
function firstColumn(markdown: string, heading: string): readonly string[] {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `?([^|`]+?)`? \|/gm)].flatMap(([, cell]) => cell ?? []).slice(1)
}

describe('the tables of the pages', () => {
  it.each(Object.entries(TABLES))('in %s are what the code says', async (page, tables) => {
    const markdown = await read(page)
    expect(withTables(page, markdown, tables), 'stale: npm run tables').toBe(markdown)
  })

  it('list every error code, and no other', async () => {
    const codes = firstColumn(await read('README.md'), 'Errors').filter((cell) =>
      /^[A-Z_]+$/.test(cell),
    )
    expect(codes).toEqual([...ERROR_CODES])
  })

  it('list every exit code, and no other', async () => {
    const codes = firstColumn(await read('README.md'), 'Exit codes').filter((cell) =>
      /^\d+$/.test(cell),
    )
    expect(codes).toEqual(Object.values(EXIT).map(String))
  })

  it('list every outcome, and no other', async () => {
    const words = firstColumn(await read('README.md'), 'Waiting').filter((cell) =>
      /^\w+$/.test(cell),
    )
    expect(words).toEqual([...OUTCOMES])
  })
})
