import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { workshop } from './cli.ts'

const WEB = 'id: /web\nimage: web:1\nreplicas: 2\n'

describe('progress on a terminal', () => {
  it('is redrawn in place, and its last picture stays', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const { code, stderr } = await cli('apply -f web.yaml', { isTTY: true })
    expect(code).toBe(0)
    expect(stderr).toContain('\u001b[')
    const pictures = stripVTControlCharacters(stderr).match(/^. \/web .*$/gm) ?? []
    expect(pictures.length).toBeGreaterThan(1)
    expect(pictures.at(-1)).toMatch(/^✔ \/web {4}2\/2 {2}▓{10} +\d+:\d\d {2}2 of 2 ready$/)
  })

  it('has no colours with --no-color and NO_COLOR, and lines on a dumb one', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const colours = /\p{Cc}\[\d*m/u
    const plain = await cli('apply -f web.yaml --no-color', { isTTY: true })
    const env = await cli('scale web 3', { isTTY: true, env: { NO_COLOR: '1' } })
    const dumb = await cli('scale web 4', { isTTY: true, env: { TERM: 'dumb' } })
    for (const { stderr } of [plain, env, dumb]) expect(stderr).not.toMatch(colours)
    expect(dumb.stderr).toMatch(/^ 0:00 › \/web {2}accepted$/m)
    expect((await cli('scale web 2', { env: { FORCE_COLOR: '1' } })).stderr).toMatch(colours)
  })

  it('says nothing twice without one', async () => {
    const { cli } = await workshop({ 'web.yaml': WEB })
    const { stderr } = await cli('apply -f web.yaml')
    const lines = stderr.split('\n').map((line) => line.replace(/^ *\d+:\d\d /, ''))
    expect(new Set(lines).size).toBe(lines.length)
  })
})
