import type { App } from 'intermodal'
import { build, patchKeyOf } from './build.ts'
import { canonical, canonicalMeta, templateOf } from './canonical.ts'
import { lossList } from './loss.ts'
import { objectName } from './names.ts'
import { WORKLOAD_KEY } from './native-patch.ts'
import type { TranslateOptions } from './options.ts'
import { compact, diffPatch, isObject, type Json } from './patch.ts'
import { kindOf } from './read.ts'
import type { KubernetesObject, PodSpec, Service } from './wire.ts'

type Canonical = ReadonlyMap<string, Json>

/** Objects by kind and name in their canonical form. */
function byKey(
  objects: readonly KubernetesObject[],
  { poolLabel }: TranslateOptions,
  asked: boolean,
): Canonical {
  const [workload] = objects
  const pod = workload && (templateOf(workload)?.spec as PodSpec | undefined)
  return new Map(
    objects.map((object) => {
      const meant = canonical(object, pod, poolLabel)
      return [
        `${object.kind}/${object.metadata.name ?? ''}`,
        asked && object.kind === 'Service' ? withAddresses(object, meant) : meant,
      ]
    }),
  )
}

/** What a server gives to a Service: in objects no server has seen, somebody asked for it. */
function withAddresses({ spec }: Service, meant: Json): Json {
  const { clusterIP, clusterIPs, ipFamilies, healthCheckNodePort, ports = [] } = spec ?? {}
  const addresses = compact({ clusterIP, clusterIPs, ipFamilies, healthCheckNodePort })
  const own = isObject(meant.spec) ? meant.spec : {}
  const open = (Array.isArray(own.ports) ? own.ports : []).map((port, index) =>
    compact({ ...port, nodePort: ports[index]?.nodePort }),
  )
  return { ...meant, spec: { ...own, ...addresses, ...(open.length > 0 ? { ports: open } : {}) } }
}

/** Objects as somebody wrote them, and not as a server gives them. */
export function isAsked(objects: readonly KubernetesObject[]): boolean {
  return objects.every(({ metadata }) => metadata.uid === undefined)
}

/**
 * In a form two sets of objects can be compared in. An autoscaler's count is nobody's wish, and neither are the addresses
 * of Services unless they are `asked` for.
 */
export function comparable(
  objects: readonly KubernetesObject[],
  options: TranslateOptions,
  asked = false,
): Readonly<Record<string, unknown>> {
  const [workload] = objects
  const scaled = objects.some(({ kind }) => kind === 'HorizontalPodAutoscaler')
  const entries = [...byKey(objects, options, asked)].map(([key, value]) => {
    const own = scaled && key === `${workload?.kind}/${workload?.metadata.name ?? ''}`
    return [key, own ? withoutReplicas(value) : value] as const
  })
  return Object.fromEntries(entries)
}

function withoutReplicas(object: Json): Json {
  if (!isObject(object.spec)) return object
  const { replicas: _, ...spec } = object.spec
  return { ...object, spec }
}

/** What the model did not say, as the patches that say it. */
export function residue(
  app: App,
  objects: readonly KubernetesObject[],
  options: TranslateOptions,
): Record<string, unknown> {
  const [workload] = objects as [KubernetesObject]
  const built = build(app, options, lossList().report).objects
  const name = objectName(app.id)
  const asked = isAsked(objects)
  const have = comparable(built, options, asked)
  const want = selected(comparable(relabelled(objects, name), options, asked), have, workload, name)
  const patch: Record<string, unknown> = {}
  const further: unknown[] = []
  const seen = new Set<string>()
  for (const object of [...relabelled(objects, name), ...built]) {
    const key = `${object.kind}/${object.metadata.name ?? ''}`
    if (seen.has(key)) continue
    seen.add(key)
    const [to, from] = [want[key], have[key]] as [Json | undefined, Json | undefined]
    if (from && !to) further.push({ ...identity(object), $patch: 'delete' })
    else if (to && !from) further.push(whole(object))
    else if (to && from) {
      const own = patchKeyOf(object, name)
      if (object.kind === workload.kind && own === WORKLOAD_KEY[kindOf(workload)]) {
        Object.assign(patch, workloadPatch(own, from, to))
        continue
      }
      const difference = diffPatch(from, to)
      if (!isObject(difference)) continue
      if (own) patch[own] = difference
      else
        further.push({
          ...identity(object),
          ...difference,
          metadata: metadataOf(object, difference),
        })
    }
  }
  return further.length > 0 ? { ...patch, objects: further } : patch
}

/**
 * Manifests of old versions, and patches of kustomize, leave the selector to the server or to another file: then it is the
 * one translation gives, for without one no server takes it.
 */
function selected(
  want: Readonly<Record<string, unknown>>,
  have: Readonly<Record<string, unknown>>,
  { kind, spec }: KubernetesObject,
  name: string,
): Readonly<Record<string, unknown>> {
  const key = `${kind}/${name}`
  const [to, from] = [want[key], have[key]]
  if (isObject(spec) && spec.selector != null) return want
  if (!isObject(to) || !isObject(from) || !isObject(from.spec)) return want
  const { selector } = from.spec
  return { ...want, [key]: { ...to, spec: { ...(to.spec as Json), ...compact({ selector }) } } }
}

/** A workload that has only a generated name goes by the one its id gives. */
function relabelled(
  objects: readonly KubernetesObject[],
  name: string,
): readonly KubernetesObject[] {
  const [workload, ...rest] = objects as [KubernetesObject, ...KubernetesObject[]]
  return [{ ...workload, metadata: { ...workload.metadata, name } }, ...rest]
}

function identity({ apiVersion, kind, metadata }: KubernetesObject): Json {
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    kind,
    metadata: { name: metadata.name },
  }
}

function metadataOf(object: KubernetesObject, difference: Json): Json {
  return {
    ...(isObject(difference.metadata) ? difference.metadata : {}),
    name: object.metadata.name,
  }
}

function whole(object: KubernetesObject): Json {
  const { status: _, metadata, ...rest } = object
  return { ...rest, metadata: { name: metadata.name, ...canonicalMeta(metadata) } }
}

/** The pod template has a patch of its own, whatever the workload. */
function workloadPatch(key: string, from: Json, to: Json): Record<string, unknown> {
  const pod = diffPatch(split(from).template, split(to).template)
  const rest = diffPatch(split(from).rest, split(to).rest)
  return {
    ...(rest === undefined ? {} : { [key]: rest }),
    ...(pod === undefined ? {} : { pod }),
  }
}

function split(object: Json): { readonly template: unknown; readonly rest: Json } {
  const template = templateOf(object as unknown as KubernetesObject)
  const spec = object.spec as Json
  if (object.kind !== 'CronJob') {
    const { template: _, ...rest } = spec
    return { template, rest: { ...object, spec: rest } }
  }
  const job = spec.jobTemplate as Json
  const { template: _, ...rest } = job.spec as Json
  return { template, rest: { ...object, spec: { ...spec, jobTemplate: { ...job, spec: rest } } } }
}
