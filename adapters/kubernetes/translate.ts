import { type App, type Translation, writeMemo } from 'intermodal'
import { build } from './build.ts'
import { readWhole } from './interpret.ts'
import { lossList } from './loss.ts'
import { MEMO } from './marks.ts'
import type { KubernetesNative } from './native.ts'
import type { TranslateOptions } from './options.ts'
import type { KubernetesObject } from './wire.ts'

/** An app in Kubernetes' words. Every field that is set is carried, or named by a loss. Pure. */
export function translate(app: App, options: TranslateOptions = {}): Translation<KubernetesNative> {
  const { report, losses } = lossList()
  const native = build(app, options, report)
  return { native: withMemo(app, native, options), losses }
}

function withMemo(app: App, native: KubernetesNative, options: TranslateOptions): KubernetesNative {
  const memo = writeMemo(app, readWhole(native.objects, options))
  if (memo === undefined) return native
  const [workload, ...rest] = native.objects as [KubernetesObject, ...KubernetesObject[]]
  const { metadata } = workload
  const annotations = { ...metadata.annotations, [MEMO]: memo }
  return { objects: [{ ...workload, metadata: { ...metadata, annotations } }, ...rest] }
}
