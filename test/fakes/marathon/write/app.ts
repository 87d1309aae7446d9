import type { AppDefinition } from '../normal/app.ts'
import type { AppSpec } from '../store/root.ts'
import type { Dialect } from '../versions.ts'
import { oldAppJson } from './old-app.ts'

/** Left out when there is nothing in them. */
const OMITTED_EMPTY: ReadonlySet<string> = new Set([
  'args',
  'constraints',
  'dependencies',
  'env',
  'fetch',
  'healthChecks',
  'readinessChecks',
  'secrets',
])

/** An app's definition as this version answers it. */
export function appJson(spec: AppSpec, dialect: Dialect): Readonly<Record<string, unknown>> {
  const { version, lastScalingAt, lastConfigChangeAt } = spec
  return {
    ...definitionJson(spec.definition, dialect),
    version,
    versionInfo: { lastScalingAt, lastConfigChangeAt },
  }
}

function definitionJson(
  definition: AppDefinition,
  dialect: Dialect,
): Readonly<Record<string, unknown>> {
  if (dialect.old) return oldAppJson(withoutIpProtocol(definition))
  const known = dialect.since('1.6') ? definition : withoutIpProtocol(definition)
  return Object.fromEntries(
    Object.entries(known).filter(
      ([field, value]) =>
        value !== undefined &&
        dialect.knows(field) &&
        !(OMITTED_EMPTY.has(field) && Object.keys(value as object).length === 0),
    ),
  )
}

function withoutIpProtocol(definition: AppDefinition): AppDefinition {
  const { healthChecks, ...rest } = definition
  if (!healthChecks) return definition
  return { ...rest, healthChecks: healthChecks.map(({ ipProtocol: _, ...check }) => check) }
}
