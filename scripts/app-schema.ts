import { z } from 'zod'
import { appInputShape } from '../src/app/schema.ts'

/** A JSON Schema, as plain data. */
export interface JsonSchema {
  [keyword: string]: unknown
  properties?: Record<string, JsonSchema>
  required?: string[]
}

const LABEL_PATH =
  '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$'

/**
 * The JSON Schema of an app file: one app, or a group of them. Draft 7, because that is the newest draft which every
 * YAML language server reads whole.
 */
export function appFileSchema(): JsonSchema {
  const app = plain(
    z.toJSONSchema(appInputShape(), { io: 'input', target: 'draft-7' }),
  ) as JsonSchema
  const { $schema: draft, properties = {}, required = [], ...rest } = app
  const definitions: Record<string, JsonSchema> = {}
  const refs: Record<string, JsonSchema> = {}
  for (const [name, property] of Object.entries(properties)) {
    definitions[name] = allowFromFile(property)
    refs[name] = { $ref: `#/definitions/${name}` }
  }
  const { $schema: _, id: __, ...inGroup } = refs
  return {
    $schema: draft,
    title: 'intermodal app file',
    description: 'One app, or a group of apps with the secrets and configs they refer to.',
    type: 'object',
    // An app is what is checked while the file is empty; the first key of a group makes it one.
    properties: { group: { $ref: '#/definitions/groupId' } },
    ...choose(
      { anyOf: [{ required: ['group'] }, { required: ['apps'] }] },
      { $ref: '#/definitions/group' },
      { $ref: '#/definitions/app' },
    ),
    definitions: {
      app: { ...rest, description: 'One app.', properties: refs, required },
      group: group({
        ...rest,
        properties: inGroup,
        required: required.filter((key) => key !== 'id'),
      }),
      groupId: {
        ...definitions.id,
        description: 'Path of the group: /shop. The id of each app is this and its key',
        examples: ['/shop'],
      },
      material: material(),
      ...definitions,
    },
  }
}

function choose(condition: JsonSchema, yes: JsonSchema, no: JsonSchema): JsonSchema {
  return Object.fromEntries([
    ['if', condition],
    ['then', yes],
    ['else', no],
  ])
}

function group(app: JsonSchema): JsonSchema {
  const materials = (description: string): JsonSchema => ({
    description,
    type: 'object',
    propertyNames: { type: 'string', pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$' },
    additionalProperties: { $ref: '#/definitions/material' },
  })
  return {
    description: 'Apps that are deployed together, in the order of their dependencies.',
    type: 'object',
    properties: {
      $schema: { type: 'string', description: 'For editors; not part of the group' },
      group: { $ref: '#/definitions/groupId' },
      apps: {
        description: 'The apps by name; /shop and web make /shop/web',
        type: 'object',
        minProperties: 1,
        propertyNames: { type: 'string', pattern: LABEL_PATH },
        additionalProperties: app,
      },
      secrets: materials('Secrets to create or replace before the apps, by name'),
      configs: materials('Configs to create or replace before the apps, by name'),
    },
    required: ['group', 'apps'],
    additionalProperties: false,
  }
}

/** What the loader of app files makes secrets and configs of. */
function material(): JsonSchema {
  const source = (key: string, description: string, example: string): JsonSchema => ({
    type: 'object',
    description,
    properties: { [key]: { type: 'string', description, examples: [example] } },
    required: [key],
    additionalProperties: false,
  })
  const single = [
    source('value', 'The value itself. Not for secrets that matter', 'hello'),
    source('file', "A file with the value, in this file's folder or below", './store-password'),
    source('env', 'An environment variable of the command with the value', 'STORE_PASSWORD'),
  ]
  const keys: JsonSchema = {
    type: 'object',
    description: 'Several values under one name',
    properties: {
      keys: {
        description: 'Several values under one name, by key',
        type: 'object',
        additionalProperties: { anyOf: single },
      },
    },
    required: ['keys'],
    additionalProperties: false,
  }
  return { anyOf: [...single, keys] }
}

/** In an app file the content of a file may come from one next to it; the loader reads it. */
function allowFromFile(schema: JsonSchema): JsonSchema {
  return mapSchema(schema, (node) => {
    const { anyOf } = node
    const content = Array.isArray(anyOf)
      ? (anyOf as JsonSchema[]).find((branch) => branch.properties?.content)
      : undefined
    if (!content || !Array.isArray(anyOf)) return node
    const { content: _, ...properties } = content.properties ?? {}
    const fromFile: JsonSchema = {
      type: 'string',
      description: "A file with the content, in this file's folder or below: ./nginx.conf",
      examples: ['./nginx.conf'],
    }
    const branch = { ...content, properties: { fromFile, ...properties }, required: ['fromFile'] }
    return { ...node, anyOf: [content, branch, ...anyOf.slice(1)] }
  })
}

/** Without zod's own marks and the limits of doubles, which say nothing to a person. */
function plain(schema: unknown): unknown {
  return mapSchema(schema as JsonSchema, (node) => {
    const { maximum, minimum, ...rest } = node
    return {
      ...rest,
      ...(typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER ? { minimum } : {}),
      ...(typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? { maximum } : {}),
    }
  })
}

function mapSchema(value: JsonSchema, change: (node: JsonSchema) => JsonSchema): JsonSchema {
  const walk = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(walk)
    if (typeof inner !== 'object' || inner === null) return inner
    return change(
      Object.fromEntries(Object.entries(inner).map(([key, below]) => [key, walk(below)])),
    )
  }
  return walk(value) as JsonSchema
}
