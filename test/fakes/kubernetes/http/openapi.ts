import { createHash } from 'node:crypto'
import { ALL_KINDS, apiVersionOf, type Kind } from '../kinds.ts'
import type { Primitive, Schema, Schemas } from '../schema/schema.ts'
import type { Answer } from './answer.ts'
import { openapiV2 } from './openapi-v2.ts'

const FORMS: Readonly<Record<Primitive, object>> = {
  s: { type: 'string', default: '' },
  i: { type: 'integer', format: 'int32' },
  l: { type: 'integer', format: 'int64' },
  b: { type: 'boolean' },
  f: { type: 'number', format: 'double' },
  q: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  t: { type: 'string', format: 'date-time' },
  u: { type: 'string', format: 'date-time' },
  x: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  y: { type: 'string', format: 'byte' },
  o: { type: 'object' },
}

/** What can be written. */
const DESCRIBED = ALL_KINDS.filter(({ verbs }) => verbs.includes('create'))

/** The API's description of itself, as far as clients validate and merge by it. */
export function openapi(schemas: Schemas, path: string): Answer | undefined {
  if (path === '/openapi/v2') return openapiV2(schemas)
  const groups = [...new Set(DESCRIBED.map(apiVersionOf))]
  const pathFor = (apiVersion: string) =>
    apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`
  if (path === '/openapi/v3') {
    const paths = Object.fromEntries(
      groups.map((group) => {
        const hash = createHash('sha256').update(group).digest('hex').toUpperCase()
        return [pathFor(group), { serverRelativeURL: `/openapi/v3/${pathFor(group)}?hash=${hash}` }]
      }),
    )
    return { status: 200, json: { paths } }
  }
  const group = groups.find((one) => path === `/openapi/v3/${pathFor(one)}`)
  return group === undefined ? undefined : { status: 200, json: document(schemas, group) }
}

function document(schemas: Schemas, apiVersion: string): object {
  const kinds = DESCRIBED.filter((kind) => apiVersionOf(kind) === apiVersion)
  const components: Record<string, object> = {}
  const queue = kinds.map(({ type }) => type)
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (components[full(name)]) continue
    const { fields } = schemas.struct(name)
    const kind = kinds.find(({ type }) => type === name)
    components[full(name)] = {
      type: 'object',
      properties: Object.fromEntries(
        [...fields].map(([field, { schema }]) => [field, form(schema, queue)]),
      ),
      ...(kind
        ? {
            'x-kubernetes-group-version-kind': [
              { group: kind.group, version: kind.version, kind: kind.kind },
            ],
          }
        : {}),
    }
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.34.4' },
    paths: Object.fromEntries(kinds.map(pathOf)),
    components: { schemas: components },
  }
}

/** Clients look here whether the server checks fields by itself. */
function pathOf(kind: Kind): readonly [string, object] {
  const apiVersion = apiVersionOf(kind)
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const place = kind.namespaced ? '/namespaces/{namespace}' : ''
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
  }))
  const { group, version } = kind
  return [
    `${root}${place}/${kind.plural}/{name}`,
    {
      patch: {
        parameters,
        responses: { 200: { description: 'OK' } },
        'x-kubernetes-action': 'patch',
        'x-kubernetes-group-version-kind': { group, version, kind: kind.kind },
      },
    },
  ]
}

function full(name: string): string {
  return `io.k8s.api.${name}`
}

function form(schema: Schema, queue: string[]): object {
  switch (schema.type) {
    case 'primitive':
      return FORMS[schema.primitive]
    case 'struct':
      queue.push(schema.name)
      return { allOf: [{ $ref: `#/components/schemas/${full(schema.name)}` }] }
    case 'map':
      return { type: 'object', additionalProperties: form(schema.item, queue) }
    case 'list': {
      const { identity, mergeKey } = schema
      return {
        type: 'array',
        items: form(schema.item, queue),
        ...(Array.isArray(identity)
          ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': identity }
          : {}),
        ...(identity === 'value' ? { 'x-kubernetes-list-type': 'set' } : {}),
        ...(mergeKey === undefined
          ? {}
          : {
              'x-kubernetes-patch-strategy': 'merge',
              ...(mergeKey ? { 'x-kubernetes-patch-merge-key': mergeKey } : {}),
            }),
      }
    }
  }
}
