import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv } from 'ajv'
import { type ImportSource, importApps, writeCompose } from 'intermodal/import'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { vanishedKeys } from '../../scripts/vanished.ts'
import { readReference } from '../../src/cli/files/references.ts'

const SHARED = resolve(
  process.env.INTERMODAL_SHARED ?? resolve(import.meta.dirname, '../../../shared'),
)
const CORPUS = resolve(SHARED, 'data/corpus/compose')
const FILES = readdirSync(CORPUS).sort()

// What users write to satisfy ${NAME:?…}: whoever reads a corpus has none of their variables.
function read(source: ImportSource) {
  const insisted = [...source.text.matchAll(/\$\{([A-Za-z_]\w*):?\?/g)]
  const env = Object.fromEntries(insisted.map(([, name = '']) => [name, 'value']))
  return importApps([source], { from: 'compose', profiles: ['*'], env, read: readReference })
}

function sourceOf(file: string): ImportSource {
  return { file, text: readFileSync(resolve(CORPUS, file), 'utf8'), folder: CORPUS }
}

function schemaOf(path: string) {
  const text = readFileSync(resolve(SHARED, 'data/compose', path), 'utf8')
  // Draft 4 spells "$id" without the dollar; nothing refers to these.
  const { $schema: _, ...schema } = JSON.parse(text.replaceAll(/"id": "#?[^"]*",/g, ''))
  const formats = { ports: true, expose: true, duration: true, subnet_ip_address: true } as const
  return new Ajv({ strict: false, formats }).compile(schema)
}

describe('the corpus of Compose files', () => {
  const isCompose = schemaOf('compose-spec.schema.json')
  const valid = FILES.filter((file) => {
    const document = parseDocument(sourceOf(file).text, { merge: true, logLevel: 'silent' })
    return document.errors.length === 0 && isCompose(document.toJS())
  })

  it('is read where it is valid, and refused by line where it is not', async () => {
    const refused: string[] = []
    for (const file of FILES) {
      const { problems } = await read(sourceOf(file))
      if (problems.length === 0) continue
      refused.push(file)
      expect(problems[0]).toMatchObject({
        file,
        line: expect.any(Number),
        message: expect.any(String),
      })
    }
    expect(valid.length).toBeGreaterThan(100)
    expect(refused.filter((file) => valid.includes(file))).toEqual([])
  })

  it('loses no key without saying so', async () => {
    const vanished: string[] = []
    // Every file, and so many of its keys; npm run corpus -- --all tries each of them.
    for (const file of valid) {
      const keys = await vanishedKeys(sourceOf(file), read, 8)
      vanished.push(...keys.map((key) => `${file} ${key}`))
    }
    expect(vanished).toEqual([])
  })

  it('gives equal apps when it is written and read again', async () => {
    const isStack = schemaOf('docker-cli/config_schema_v3.13.json')
    for (const file of valid) {
      const { apps } = await read(sourceOf(file))
      if (apps.length === 0) continue
      const { document } = await writeCompose(apps)
      expect(isCompose(document), `${file}: ${JSON.stringify(isCompose.errors?.[0])}`).toBe(true)
      expect(isStack(document), `${file}: ${JSON.stringify(isStack.errors?.[0])}`).toBe(true)
      const again = await importApps([{ file, text: JSON.stringify(document) }], {
        from: 'compose',
      })
      expect(again.problems, file).toEqual([])
      expect(again.apps, file).toEqual(apps)
    }
  })
})
