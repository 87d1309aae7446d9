import type { JsonObject } from '../json.ts'
import type { Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { AGE, type Column, count, NAME, spec, status } from './column.ts'
import { COLUMNS } from './columns.ts'

export interface TableOptions {
  readonly now: number
  readonly metadata?: JsonObject | undefined
  /** What of the object goes with its row. @default 'Metadata' */
  readonly include?: string | undefined
  /** Later events of a watch come without them. @default true */
  readonly columns?: boolean | undefined
}

/** The server's own view of a list, which is what `kubectl get` prints. */
export function tableOf(
  kind: Kind,
  objects: readonly KubeObject[],
  { now, metadata = {}, include = 'Metadata', columns = true }: TableOptions,
): JsonObject {
  const wanted: readonly Column[] = columnsOf(kind, objects)
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns
      ? wanted.map(([name, wide]) => ({
          name,
          type: 'string',
          format: name === 'Name' ? 'name' : '',
          description: '',
          priority: wide ? 1 : 0,
        }))
      : null,
    rows: objects.map((object) => ({
      cells: wanted.map(([, , cell]) => cell(object, now)),
      object: include === 'None' ? null : include === 'Object' ? whole(object) : partial(object),
    })),
  }
}

/** A count of a workload is shown as one, whatever it counts. */
const SCALE: readonly Column[] = [
  NAME,
  ['Desired', false, (one) => count(spec(one).replicas)],
  ['Available', false, (one) => count(status(one).replicas)],
  AGE,
]

function columnsOf({ plural }: Kind, [first]: readonly KubeObject[]): readonly Column[] {
  return first?.kind === 'Scale' ? SCALE : (COLUMNS[plural] ?? [NAME, AGE])
}

function whole(object: KubeObject): JsonObject {
  return object as unknown as JsonObject
}

function partial({ metadata }: KubeObject): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: metadata as unknown as JsonObject,
  }
}
