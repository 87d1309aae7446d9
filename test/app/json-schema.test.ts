import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { safeDefine } from 'intermodal'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { appFileSchema, type JsonSchema } from '../../scripts/app-schema.ts'
import { appInputShape } from '../../src/app/schema.ts'
import { fc } from '../support/property.ts'
import { type Schema, valuesOf } from './arbitrary.ts'
import { WHOLE } from './whole-app.ts'

const root = new URL('../../', import.meta.url)
const published = JSON.parse(readFileSync(new URL('app.schema.json', root), 'utf8')) as JsonSchema
const definitions = published.definitions as Readonly<Record<string, Schema>>

// What editors show, and ajv does not know.
const EDITOR_KEYWORDS = [
  'patternErrorMessage',
  'errorMessage',
  'enumDescriptions',
  'markdownEnumDescriptions',
]
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true })
for (const keyword of EDITOR_KEYWORDS) ajv.addKeyword(keyword)
const validate = ajv.compile(published)

function refusal(value: unknown): string | undefined {
  return validate(value) ? undefined : ajv.errorsText(validate.errors)
}

const base = { id: '/shop/web', image: 'web:1' }

function* nodesOf(value: unknown): Generator<JsonSchema> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as JsonSchema
  for (const inner of Object.values(value)) yield* nodesOf(inner)
}

describe('app.schema.json', () => {
  test('is what `npm run schema` writes', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(appFileSchema())))
  })

  test('describes every field, however deep', () => {
    const silent: string[] = []
    for (const node of nodesOf(published)) {
      for (const [key, property] of Object.entries(node.properties ?? {})) {
        const tag = 'const' in property
        if (!tag && !('$ref' in property) && !property.description) silent.push(key)
      }
    }
    expect(silent).toEqual([])
  })

  test('closes every object that has named fields', () => {
    const open = [...nodesOf(published.definitions)].filter(
      (node) => node.type === 'object' && node.properties && node.additionalProperties !== false,
    )
    expect(open).toEqual([])
  })

  test('has a field for every field of an app', () => {
    expect(Object.keys(definitions.app?.properties ?? {})).toEqual(
      Object.keys(appInputShape().shape),
    )
  })

  test('accepts an app with every field', () => {
    expect(refusal(WHOLE)).toBeUndefined()
  })

  test.each(readdirSync(new URL('examples/', root)).filter((name) => name.endsWith('.yaml')))(
    'accepts examples/%s',
    (name) => {
      const text = readFileSync(new URL(`examples/${name}`, root), 'utf8')
      for (const document of parseAllDocuments(text)) {
        expect(refusal(document.toJS())).toBeUndefined()
      }
    },
  )

  test('accepts what the loader of app files resolves', () => {
    const file = {
      group: '/shop',
      secrets: {
        db: { env: 'DB_PASSWORD' },
        tls: { keys: { key: { file: './tls.key' }, cert: { value: 'x' } } },
      },
      configs: { banner: { value: 'Welcome' } },
      apps: { web: { image: 'web:1', files: { '/etc/x': { fromFile: './x', mode: '0444' } } } },
    }
    expect(refusal(file)).toBeUndefined()
  })

  test.each<unknown>([
    null,
    [],
    {},
    { id: '/a' },
    { ...base, imagge: 'x' },
    { ...base, replicas: '3' },
    { ...base, replicas: 1.5 },
    { ...base, id: 'web' },
    { ...base, kind: 'servce' },
    { ...base, resources: { limits: { memory: '128m' } } },
    { ...base, resources: { limits: { memory: 512 } } },
    { ...base, update: { batchDelay: 30 } },
    { ...base, update: { batchDelay: '30' } },
    { ...base, update: { maxSurge: '150%' } },
    { ...base, probes: { liveness: { type: 'htp' } } },
    { ...base, probes: { liveness: { type: 'tcp', path: '/' } } },
    { ...base, probes: { liveness: { type: 'tcp', interval: '0s' } } },
    { ...base, volumes: { a: { type: 'claim', mountPath: '/a' } } },
    { ...base, env: { A: 1 } },
    { ...base, env: { A: { secrt: 'x' } } },
    { ...base, env: { '9': 'x' } },
    { ...base, files: { '/x': { content: 'x', mod: '0444' } } },
    { ...base, labels: { 'intermodal.app': 'x' } },
    { ...base, dependsOn: { db: 'ready' } },
    { ...base, native: { docker: {} } },
  ])('refuses %j, as defineApp does', (input) => {
    expect(refusal(input)).toBeDefined()
    expect(safeDefine(input)).toHaveProperty('issues')
  })

  test.each<unknown>([
    { group: '/shop' },
    { apps: { web: { image: 'x' } } },
    { group: 'shop', apps: { web: { image: 'x' } } },
    { group: '/shop', apps: { web: { image: 'x', id: '/x' } } },
    { group: '/shop', apps: { web: {} } },
    { group: '/shop', apps: { web: { image: 'x' } }, image: 'x' },
    { group: '/shop', apps: { web: { image: 'x' } }, secrets: { a: 'text' } },
    { group: '/shop', apps: { web: { image: 'x' } }, secrets: { a: { env: 'A', file: 'b' } } },
  ])('refuses the group %j', (input) => {
    expect(refusal(input)).toBeDefined()
  })
})

describe('an app that the schema allows', () => {
  /** What only the library checks: how fields go together, and what a pattern cannot say. */
  const CROSS_CHECKS: readonly RegExp[] = [
    /^\/(?:(?:sidecars|init)\/[^/]+\/)?shell excludes entrypoint and args/,
    /which ports\/\d+ already has$/,
    /^\/ports\/\d+\/(?:host|path) needs exposure "public"$/,
    /^\/ports\/\d+\/exposure is "internal" but hostPort is given$/,
    /^\/probes\/\w+\/port (?:is needed|names no port of the app)/,
    /^\/volumes\/[^/]+\/mountPath is .*, which volume/s,
    /^\/files\/\S* is where volume/s,
    /\/mounts\/[^/]+ names no volume of the app/,
    /^\/(?:schedule|job) needs kind/,
    /^\/schedule is needed for kind "cron"/,
    /^\/schedule\/cron (?:needs five fields|is no schedule)/,
    /^\/schedule\/timeZone needs a time zone/,
    /^\/(?:replicas|autoscale) (?:has no meaning for kind|contradicts autoscale)/,
    /^\/restart\/condition cannot be "always"/,
    /^\/job\/parallelism is more than completions/,
    /^\/update\/(?:maxSurge|maxUnavailable) (?:is 0|has no meaning)/,
    /^\/autoscale\/min is more than max/,
    /^\/disruption needs exactly one/,
    /resources\/requests\/\w+ is more than/,
    /^\/placement\/(?:require|prefer)\/\d+\/values (?:takes|needs)/,
    /^\/dependsOn\/\S* is the app itself$/,
    // A number in a pattern may be zero, or more than a double can count.
    /needs (?:cores|a size|a duration)/,
    // A pattern cannot tell that text becomes a key of the prototype.
    /has an unknown key "__proto__"/,
  ]

  const app = definitions.app as Schema
  const withDefinitions: Schema = {
    ...app,
    properties: Object.fromEntries(
      Object.keys(app.properties ?? {}).map((key) => [key, definitions[key] ?? {}]),
    ),
  }
  // A file with fromFile is the loader's business.
  const withoutFromFile = JSON.parse(JSON.stringify(withDefinitions), (_, value: unknown) =>
    Array.isArray(value)
      ? value.filter((branch: Schema | null) => !branch?.properties?.fromFile)
      : value,
  ) as Schema

  function unnamedProblems(result: ReturnType<typeof safeDefine>): readonly string[] {
    const issues = 'issues' in result ? result.issues : []
    return issues
      .map(({ path, message }) => `${path} ${message}`)
      .filter((line) => !CROSS_CHECKS.some((check) => check.test(line)))
  }

  test('is refused by defineApp only for the checks that are named here', () => {
    fc.assert(
      fc.property(valuesOf(withoutFromFile), (input) => {
        expect(refusal(input)).toBeUndefined()
        expect(unnamedProblems(safeDefine(input))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  // Random text is hardly ever a schedule.
  const fields = Object.keys(withoutFromFile.properties ?? {}).filter((key) => key !== 'schedule')

  test.each(fields)('and sets only %s is accepted', (field) => {
    const values = valuesOf(withoutFromFile.properties?.[field] ?? {})
    const kind = field === 'job' ? 'job' : 'service'
    let accepted = 0
    fc.assert(
      fc.property(values, (value) => {
        const result = safeDefine({ ...base, kind, [field]: value })
        if ('app' in result) accepted += 1
        expect(unnamedProblems(result)).toEqual([])
      }),
      { numRuns: 30 },
    )
    expect(accepted).toBeGreaterThan(0)
  })
})
