import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { age } from './age.ts'

export type Cell = (object: KubeObject, now: number) => string | number
/** Title, whether only `-o wide` shows it, and what stands in it. */
export type Column = readonly [title: string, wide: boolean, cell: Cell]

export const spec = ({ spec: value }: KubeObject): JsonObject => value ?? {}
export const status = ({ status: value }: KubeObject): JsonObject => value ?? {}
export const count = (value: unknown) => Number(value ?? 0)

export const NAME: Column = ['Name', false, ({ metadata }) => metadata.name]
export const AGE: Column = [
  'Age',
  false,
  ({ metadata }, now) => age(metadata.creationTimestamp, now),
]
