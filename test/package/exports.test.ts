import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { entriesOf } from '../../tsup.config.ts'
import { SUBPATHS } from './loaded.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

describe('exports', () => {
  it('are what the build makes, each from a source that is there', () => {
    const entries = entriesOf(manifest.exports)
    expect(entries).toMatchObject({ index: 'src/index.ts' })
    for (const source of Object.values(entries))
      expect(existsSync(root + source), source).toBe(true)
  })

  it('hold one subpath for every adapter', () => {
    const adapters = readdirSync(`${root}adapters`).filter((name) =>
      existsSync(`${root}adapters/${name}/index.ts`),
    )
    expect(adapters.length).toBeGreaterThan(0)
    for (const name of adapters) {
      expect(manifest.exports[`./${name}`]).toEqual({
        '@intermodal/source': `./adapters/${name}/index.ts`,
        types: `./dist/adapters/${name}.d.ts`,
        default: `./dist/adapters/${name}.js`,
      })
    }
  })

  it('are those whose imports are watched, and no other', () => {
    const modules = Object.entries(manifest.exports)
      .filter(([, target]) => typeof target !== 'string')
      .map(([subpath]) => `intermodal${subpath.slice(1)}`)
    expect(SUBPATHS.map(([subpath]) => subpath).sort()).toEqual(modules.sort())
  })

  it.each([
    ['code that the build does not make', { default: './lib/swarm.js' }],
    ['types of another entry', { types: './dist/index.d.ts' }],
    ['no source', { '@intermodal/source': undefined }],
  ])('stop the build when one has %s', (_, change) => {
    const swarm = { ...manifest.exports['./swarm'], ...change }
    expect(() => entriesOf({ './swarm': swarm })).toThrow('exports["./swarm"]')
  })

  it('ship every file that they and the source maps name', () => {
    const shipped: string[] = manifest.files
    for (const source of Object.values(entriesOf(manifest.exports))) {
      expect(
        shipped.some((folder) => source.startsWith(`${folder}/`)),
        source,
      ).toBe(true)
    }
  })

  it('pin every dependency to one version', () => {
    const pinned = { ...manifest.dependencies, ...manifest.devDependencies }
    for (const [name, version] of Object.entries(pinned)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
    }
  })
})
