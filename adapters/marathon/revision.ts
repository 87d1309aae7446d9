import { contentHash } from 'intermodal'
import { foreignLabels } from './labels.ts'
import { modern, omit, withoutNulls, withoutReadOnly } from './modern.ts'
import { isPod, type MarathonNative } from './native.ts'
import type { AppInfo } from './wire-answers.ts'

/**
 * Names what instances are made from, by the definition as Marathon keeps it: no label has to say it, and apps of anybody have
 * one. The instance count is not in it, nor is what matters only at the next replacement: the upgrade strategy, and our memo.
 */
export function revisionOf(native: MarathonNative): string {
  return contentHash(essence(native))
}

function essence(native: MarathonNative): unknown {
  const labels = foreignLabels(native.labels)
  if (isPod(native)) {
    const pod = withoutNulls(withoutReadOnly(native))
    const { upgrade: _, ...scheduling } = pod.scheduling ?? {}
    return { ...omit(pod, ['scaling']), scheduling, labels }
  }
  return { ...omit(modern(native), ['instances', 'upgradeStrategy', 'residency']), labels }
}

/** Versions are moments, and moments only grow. */
export function generationOf(version: string | undefined): number {
  return Date.parse(version ?? '') || 0
}

/** What instances have to be at least as new as, to be of the newest revision. A scale makes a version, not a revision. */
export function configuredAt({ version, versionInfo }: AppInfo): string | undefined {
  return versionInfo?.lastConfigChangeAt ?? version
}
