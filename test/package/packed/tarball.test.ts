import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { entriesOf } from '../../../tsup.config.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const bin = (name: string) => `${root}node_modules/.bin/${name}`
const run = promisify(execFile)
const tarball = inject('tarball')

const AT_THE_TOP = [
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'LICENSE',
  'app.schema.json',
]
const FOLDERS = [
  'dist/',
  'src/',
  'adapters/',
  'formats/',
  'test/conformance/',
  'test/fakes/',
  // What README.md points at.
  'docs/',
  'examples/',
]

describe('the tarball', () => {
  let files: readonly string[]

  beforeAll(async () => {
    const { stdout } = await run('tar', ['-tzf', tarball])
    files = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace(/^package\//, ''))
  })

  it('holds every file at the top that a user looks for', () => {
    expect(files).toEqual(expect.arrayContaining(AT_THE_TOP))
  })

  it('holds the code and the types of every export', () => {
    const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
    for (const [name, source] of Object.entries(entriesOf(exports))) {
      expect(files).toEqual(
        expect.arrayContaining([`dist/${name}.js`, `dist/${name}.d.ts`, source]),
      )
    }
  })

  it('holds nothing else, and no test', () => {
    const strange = files.filter(
      (file) => !AT_THE_TOP.includes(file) && !FOLDERS.some((folder) => file.startsWith(folder)),
    )
    expect(strange).toEqual([])
    expect(files.filter((file) => file.includes('.test.'))).toEqual([])
  })

  it('has nothing for publint to say', async () => {
    const { stdout } = await run(bin('publint'), [tarball, '--strict'], { cwd: root })
    expect(stdout).toContain('All good!')
  })

  it('has types that resolve as its code does, says attw', async () => {
    const { stdout } = await run(bin('attw'), [tarball, '--profile', 'esm-only'], { cwd: root })
    // It fails with an exit code of its own; this is that it looked at all.
    expect(stdout).toContain('"intermodal/testing"')
  })
})
