import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))
const run = promisify(execFile)
const names = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name))

/** A child takes about a second, and the machine may be busy with the other tests. */
const PATIENT = 60_000

/** The comment at the end of an example: what it prints, every time. */
function promised(code: string): string | undefined {
  const [, comment] = code.split('\n// Prints:\n')
  return comment?.replaceAll(/^\/\/ ?/gm, '')
}

describe('examples', () => {
  it('are numbered without a gap', () => {
    const numbers = names.map((name) => Number(name.slice(0, 2)))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    expect(numbers.length).toBeGreaterThan(0)
  })

  it.each(names)('%s runs alone and prints what it says', { timeout: PATIENT }, async (name) => {
    const { stdout } = await run(process.execPath, ['--conditions=@intermodal/source', name], {
      cwd: folder,
    })
    const code = readFileSync(`${folder}${name}`, 'utf8')
    if (code.includes("from 'node:test'")) expect(stdout).toMatch(/^# fail 0$|^ℹ fail 0$/m)
    else expect(stdout).toBe(promised(code))
  })
})
