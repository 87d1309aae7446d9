import { type AppInput, type AppKind, safeDefine } from 'intermodal'
import { type FieldSample, plainInput, sampleInput } from './sample.ts'
import { fieldSamples } from './table.ts'

/** The fields that an app of a kind can have, beyond what makes it that app. */
export function samplesOf(kind: AppKind): readonly FieldSample[] {
  return fieldSamples.filter(
    ({ kinds, path }) => kinds.includes(kind) && path !== '/kind' && path !== '/id',
  )
}

/** An app with several fields set, leaving out each that contradicts those before it. */
export function together(kind: AppKind, samples: readonly FieldSample[]): AppInput {
  let input = plainInput(kind)
  for (const sample of samples) {
    const next = merge(input, sampleInput(sample, kind)) as AppInput
    if ('app' in safeDefine(next)) input = next
  }
  return input
}

function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    merged[key] = key in base ? merge(base[key], value) : value
  }
  return merged
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
