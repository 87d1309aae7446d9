import { type App, type AppInput, type AppKind, defineApp } from 'intermodal'
import { withValue } from './pointer.ts'

/** One field of the app model with a value that is not its default. */
export interface FieldSample {
  /** JSON pointer into the app. */
  readonly path: string
  readonly value: unknown
  /** What else has to be in the app for the field to be allowed. */
  readonly besides: object
  /** The kinds of app that take the field, the most usual first. */
  readonly kinds: readonly AppKind[]
}

export const LONG_RUNNING: readonly AppKind[] = ['service', 'stateful', 'daemon']
const EVERY_KIND: readonly AppKind[] = ['service', 'stateful', 'daemon', 'job', 'cron']

export function field(
  path: string,
  value: unknown,
  besides: object = {},
  kinds: readonly AppKind[] = EVERY_KIND,
): FieldSample {
  return { path, value, besides, kinds }
}

/** The same field with several values: for words of which each means something else. */
export function fieldEach(
  path: string,
  values: readonly unknown[],
  besides: object = {},
  kinds: readonly AppKind[] = EVERY_KIND,
): FieldSample[] {
  return values.map((value) => field(path, value, besides, kinds))
}

/** The smallest app of a kind. */
export function plainInput(kind: AppKind, image = 'registry.example.com/shop/web:1'): AppInput {
  return {
    id: '/conformance/web',
    kind,
    image,
    ...(kind === 'cron' ? { schedule: { cron: '0 3 * * *' } } : {}),
  }
}

/** The smallest app of a kind in which the field of the sample is set. */
export function sampleInput(sample: FieldSample, kind: AppKind): AppInput {
  const base = { ...plainInput(kind), ...structuredClone(sample.besides) }
  return withValue(base, sample.path, structuredClone(sample.value)) as unknown as AppInput
}

/** The app with the field, and the same one without it. */
export function sampleApps(
  sample: FieldSample,
  kind: AppKind,
): { readonly app: App; readonly input: AppInput } {
  const input = sampleInput(sample, kind)
  return { app: defineApp(input), input }
}
