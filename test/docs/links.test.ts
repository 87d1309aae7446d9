import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (page: string) => readFile(join(root, page), 'utf8')

const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...(await readdir(join(root, 'docs'))).map((name) => `docs/${name}`),
]

/** As GitHub makes the anchor of a heading. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

it.each(PAGES)('every link of %s inside the project leads somewhere', async (page) => {
  const markdown = await read(page)
  for (const [, link = ''] of markdown.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : join(dirname(page), path)
    await expect(access(join(root, target)), `${page}: ${link}`).resolves.toBeUndefined()
    if (anchor !== undefined) expect(anchorsOf(await read(target)), link).toContain(anchor)
  }
})

it('the README names every page', async () => {
  const readme = await read('README.md')
  for (const page of PAGES.filter((page) => page !== 'README.md'))
    expect(readme).toContain(`](${page})`)
})
