import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { blocksOf } from './blocks.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = 'examples/adapter'
const run = promisify(execFile)

describe('the page on how to write an adapter', () => {
  it('shows every file of the example as it is, and no other', async () => {
    const page = await readFile(`${root}docs/write-an-adapter.md`, 'utf8')
    const shown = blocksOf('the page', page).flatMap(({ language, code }) => {
      const [, name, text] = code.match(/^\/\/ (\S+)\n([\s\S]*)$/) ?? []
      return language === 'ts' && name ? [[name, text] as const] : []
    })
    const names = await readdir(`${root}${folder}`)
    const files = names.map(
      async (name) => [name, await readFile(`${root}${folder}/${name}`, 'utf8')] as const,
    )
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(await Promise.all(files)))
  })

  it('ends with an adapter that passes the suite, by the test runner of Node', async () => {
    const { stdout } = await run(
      process.execPath,
      [
        '--conditions=@intermodal/source',
        '--test',
        '--test-reporter=tap',
        `${folder}/crane.test.ts`,
      ],
      // A test runner below another one would report to it.
      { cwd: root, env: { ...process.env, NODE_TEST_CONTEXT: undefined }, timeout: 50_000 },
    )
    const count = (what: string) => Number(stdout.match(new RegExp(`^# ${what} (\\d+)$`, 'm'))?.[1])
    expect(count('fail')).toBe(0)
    expect(count('pass')).toBeGreaterThan(140)
    // What a yard cannot do is told, each group with its reason.
    expect(stdout).toMatch(/scale: not run, capabilities\.scale is false/)
  })
})
