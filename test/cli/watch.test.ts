import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { workshop } from './cli.ts'

const apps = Array.from({ length: 30 }, (_, index) => `app-${String(index).padStart(2, '0')}`)
const FILE = `group: /many\napps:\n${apps.map((name) => `  ${name}: { image: "a:1" }\n`).join('')}`

it('a watched table shows what fits on the terminal, says what does not, and ends with Ctrl-C', async () => {
  const { cli } = await workshop({ 'many.yaml': FILE })
  await cli('apply -f many.yaml')
  const { code, stdout } = await cli('ps --watch', {
    isTTY: true,
    rows: 10,
    watch: (written) => written.stdout.includes('more; narrow it'),
  })
  expect(code).toBe(130)
  const text = stripVTControlCharacters(stdout)
  expect(text).toMatch(/APP +KIND/)
  expect(text).toContain('/many/app-06')
  expect(text).not.toContain('/many/app-07')
  expect(text).toContain('… and 23 more; narrow it with --group, --label or --state')
})

it('a watched table is drawn once for what changes at once', async () => {
  const { cli } = await workshop({ 'many.yaml': FILE })
  await cli('apply -f many.yaml')
  const { stdout } = await cli('ps --watch', {
    isTTY: true,
    watch: (written) => written.stdout.includes('/many/app-29'),
  })
  // The picture as it was taken, and at most one before the last app of it was told.
  expect(stdout.split('HEALTH').length - 1).toBeLessThanOrEqual(2)
})
