import { readFileSync } from 'node:fs'
import { type App, type Loss, safeDefine } from 'intermodal'
import { describe, expect, it } from 'vitest'
import type { SwarmNative } from '../../adapters/swarm/native.ts'
import { mergePatch } from '../../adapters/swarm/patch.ts'
import { translate } from '../../adapters/swarm/translate.ts'
import { AS_A_WHOLE, type Json, NOT_SWARMS, SAMPLES } from './samples.ts'

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

/** Every place an app can set, as the published schema knows them: `/volumes/*` + `/size`. */
function places(): string[] {
  const file = new URL('../../app.schema.json', import.meta.url)
  const root = JSON.parse(readFileSync(file, 'utf8')) as {
    definitions: Readonly<Record<string, Schema>>
  }
  const found = new Set<string>()
  const walk = (schema: Schema, at: string): void => {
    if (at.startsWith('/native/') && at.split('/').length > 3) return
    if (schema.$ref) {
      const target = root.definitions[schema.$ref.replace('#/definitions/', '')]
      if (!target) throw new Error(`the schema has no ${schema.$ref}`)
      walk(target, at)
      return
    }
    if (at !== '') found.add(at)
    for (const inner of [schema.anyOf, schema.oneOf, schema.allOf]) {
      for (const one of inner ?? []) walk(one, at)
    }
    for (const [key, inner] of Object.entries(schema.properties ?? {})) walk(inner, `${at}/${key}`)
    if (typeof schema.additionalProperties === 'object')
      walk(schema.additionalProperties, `${at}/*`)
    if (schema.items) walk(schema.items, `${at}/*`)
  }
  walk({ $ref: '#/definitions/app' }, '')
  return [...found].sort()
}

const RECORDS = /^(\/(?:env|files|volumes|labels|annotations|dependsOn)\/)[^/]+/

function pattern(pointer: string): string {
  return pointer
    .replace(RECORDS, '$1*')
    .replace(/^(\/volumes\/\*\/options\/)[^/]+/, '$1*')
    .replace(/(\/headers\/)[^/]+/, '$1*')
    .replace(/\/0(?=\/|$)/g, '/*')
}

const base = { id: '/shop/web', image: 'web:1' }

function define(input: object): App | undefined {
  const result = safeDefine(mergePatch(base, input))
  return 'app' in result ? result.app : undefined
}

/** The same app without the field, or without as much around it as has to go too. */
function without(sample: Json, pointer: string): App {
  let parts = pointer.slice(1).split('/')
  while (parts.length > 0) {
    const app = define(removed(sample, parts) as object)
    if (app) return app
    parts = parts.slice(0, -1)
  }
  return define({}) as App
}

function removed(value: unknown, [part, ...rest]: readonly string[]): unknown {
  if (part === undefined) return undefined
  const key = part.replaceAll('~1', '/')
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((_, index) => String(index) !== key)
      : value.map((entry, index) => (String(index) === key ? removed(entry, rest) : entry))
  }
  const { [key]: inner, ...others } = value as Json
  return rest.length === 0 ? others : { ...others, [key]: removed(inner, rest) }
}

/** Without what remembers the app rather than carrying it. */
function carried(native: SwarmNative): string {
  return JSON.stringify(native, (key, value: unknown) =>
    key === 'intermodal.memo' || key === 'intermodal.revision' ? undefined : value,
  )
}

function names(loss: Loss, pointer: string): boolean {
  return (
    loss.path === pointer ||
    pointer.startsWith(`${loss.path}/`) ||
    loss.path.startsWith(`${pointer}/`)
  )
}

describe('every field of the model', () => {
  it.each(Object.entries(SAMPLES))('%s is carried, or named by a loss', (pointer, sample) => {
    const app = define(sample)
    if (!app) throw new Error(`the sample for ${pointer} is no valid app`)
    const [plain, set] = [translate(without(sample, pointer)), translate(app)]
    const changed = carried(plain.native) !== carried(set.native)
    const named = set.losses.filter((loss) => names(loss, pointer))
    expect(changed || named.length > 0).toBe(true)
  })

  it('has a row here, or a reason not to', () => {
    const rows = new Set(Object.keys(SAMPLES).map(pattern))
    const missing = places().filter(
      (place) =>
        !rows.has(place) &&
        !(place in NOT_SWARMS) &&
        !AS_A_WHOLE.some((whole) => place.startsWith(`${whole}/`)),
    )
    expect(missing).toEqual([])
  })

  it('is still there: no row is about a field that is gone', () => {
    const known = new Set(places())
    const rows = [...Object.keys(SAMPLES).map(pattern), ...Object.keys(NOT_SWARMS)]
    expect(rows.filter((row) => !known.has(row))).toEqual([])
  })

  it('names losses by what was written, and says what to do about what is gone', () => {
    for (const sample of Object.values(SAMPLES)) {
      const app = define(sample) as App
      for (const { kind, detail, remedy, path } of translate(app).losses) {
        expect(detail).not.toBe('')
        expect(path).toMatch(/^\/[a-zA-Z]/)
        if (kind !== 'approximated') expect(remedy).toBeTypeOf('string')
      }
    }
  })
})
