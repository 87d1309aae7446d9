import type { AppDefinition, PodDefinition } from './wire.ts'

/**
 * One app in Marathon's words: an app as `/v2/apps` takes it, or, for an app with sidecars, a pod as `/v2/pods` takes it.
 * Told apart by `containers`, which only pods have.
 */
export type MarathonNative = AppDefinition | PodDefinition

export function isPod(native: MarathonNative): native is PodDefinition {
  return 'containers' in native
}
