import type { App } from 'intermodal'
import { revisionOf } from 'intermodal'
import { type Context, contextOf } from './context.ts'
import { writeFiles } from './files.ts'
import { writeIngress } from './ingress.ts'
import { ownMeta, writeAnnotations } from './labels.ts'
import type { Report } from './loss.ts'
import { REVISION } from './marks.ts'
import type { KubernetesNative } from './native.ts'
import { KIND_OF_KEY, type KubernetesPatch, WORKLOAD_KEY } from './native-patch.ts'
import type { TranslateOptions } from './options.ts'
import { type Json, mergePatch } from './patch.ts'
import { writePod } from './pod.ts'
import { writeAutoscaler, writeBudget } from './scaling.ts'
import { writeServices } from './services.ts'
import { writeVolumes } from './volumes.ts'
import type { KubernetesObject } from './wire.ts'
import { WORKLOADS, writeSpec } from './workload-spec.ts'

/** The model's words in Kubernetes', without the memo. */
export function build(app: App, options: TranslateOptions, report: Report): KubernetesNative {
  const context = contextOf(app, options, report)
  const files = writeFiles(app, context.name, report)
  const volumes = writeVolumes(app, report)
  const template = writePod(context, files, volumes)
  const objects: KubernetesObject[] = [
    {
      ...WORKLOADS[app.kind],
      metadata: ownMeta(app.id, context.name, context.name, {
        labels: app.labels,
        annotations: { ...writeAnnotations(app, report), [REVISION]: revisionOf(app) },
      }),
      spec: writeSpec(context, template, volumes.claims),
    },
    ...(files.configMap ? [files.configMap] : []),
    ...writeServices(context),
    ...writeIngress(context),
    ...writeAutoscaler(context),
    ...writeBudget(context),
  ]
  return { objects: mergeObjects(objects, context) }
}

/** The key of `native.kubernetes` that an object is patched by. */
export function patchKeyOf(
  object: KubernetesObject,
  name: string,
): keyof KubernetesPatch | undefined {
  if (object.metadata.name !== name) return undefined
  const found = Object.entries(KIND_OF_KEY).find(([, kind]) => kind === object.kind)
  return found?.[0] as keyof KubernetesPatch | undefined
}

function mergeObjects(objects: readonly KubernetesObject[], context: Context): KubernetesObject[] {
  const { app, name, patch, report } = context
  const merged = objects.map((object) => {
    const key = patchKeyOf(object, name)
    const own = key && patch[key]
    return own ? (mergePatch(object, own) as KubernetesObject) : object
  })
  for (const [key, kind] of Object.entries(KIND_OF_KEY)) {
    const asked = patch[key as keyof KubernetesPatch] !== undefined
    if (asked && !objects.some((object) => patchKeyOf(object, name) === key)) {
      const own = WORKLOAD_KEY[app.kind]
      report(
        'refused',
        `/native/kubernetes/${key}`,
        `the app becomes no ${kind}`,
        `its own kind is "${own}"`,
      )
    }
  }
  return (patch.objects ?? []).reduce<KubernetesObject[]>(mergeObject, merged)
}

function mergeObject(objects: KubernetesObject[], patch: Json): KubernetesObject[] {
  const { $patch, ...wanted } = patch as Json & KubernetesObject
  const at = objects.findIndex(
    ({ kind, metadata }) => kind === wanted.kind && metadata.name === wanted.metadata.name,
  )
  if ($patch === 'delete') return at < 0 ? objects : objects.toSpliced(at, 1)
  if (at < 0) return [...objects, wanted]
  const old = objects[at] as KubernetesObject
  return objects.with(
    at,
    $patch === 'replace' ? wanted : (mergePatch(old, wanted) as KubernetesObject),
  )
}
