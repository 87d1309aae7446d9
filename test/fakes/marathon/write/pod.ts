import type { PodSpec } from '../store/root.ts'
import type { Dialect } from '../versions.ts'

/** Fields that came later than 1.4. */
const SINCE: Readonly<Record<string, string>> = {
  executorResources: '1.6',
  linuxInfo: '1.8',
  role: '1.9',
  legacySharedCgroups: '1.10',
}

const OMITTED_EMPTY: ReadonlySet<string> = new Set(['labels', 'environment', 'volumes', 'secrets'])

export function podJson({ definition, version }: PodSpec, dialect: Dialect): object {
  const fields = Object.entries(definition).filter(
    ([field, value]) =>
      value !== undefined &&
      dialect.since(SINCE[field] ?? '1.4') &&
      !(OMITTED_EMPTY.has(field) && Object.keys(value as object).length === 0),
  )
  return { ...Object.fromEntries(fields), version }
}
