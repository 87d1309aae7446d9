import { withoutManagedFields } from './json-bytes.ts'
import { WORKLOADS } from './kinds.ts'
import { REVISION } from './marks.ts'

const WORKLOAD_KINDS: ReadonlySet<string> = new Set(WORKLOADS.map(({ kind }) => kind))

/**
 * Parses an object of a kind, or an event about one. Who wrote which of its fields is left out, except of workloads with
 * pods of ours: of those alone it is asked. Throws a `SyntaxError`.
 */
export function parseObject(json: Buffer, kind: string): unknown {
  const asked = WORKLOAD_KINDS.has(kind) && json.includes(REVISION)
  return JSON.parse(asked ? json.toString('utf8') : withoutManagedFields(json))
}
