import { contentHash } from 'intermodal'
import { templateOf } from './canonical.ts'
import type { KubernetesObject, PodSpec, PodVolume } from './wire.ts'

/** A Secret or ConfigMap that pods cannot start without. */
export interface Reference {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  /** Keys that have to be there. */
  readonly keys: ReadonlySet<string>
  /** Whether its content is what instances are made from; credentials of a registry are not. */
  readonly content: boolean
}

interface Mention {
  readonly kind: Reference['kind']
  readonly name?: string | undefined
  readonly keys?: readonly string[] | undefined
  readonly optional?: boolean | undefined
  readonly content?: boolean
}

/** What the pods of a workload refer to, without what is rendered with it. */
export function referencesOf(
  workload: KubernetesObject,
  rendered: readonly KubernetesObject[],
): readonly Reference[] {
  const spec = templateOf(workload)?.spec ?? { containers: [] }
  const own = new Set(rendered.map(({ kind, metadata }) => `${kind}/${metadata.name}`))
  const needed = mentions(spec).filter(
    ({ kind, name, optional }) => name !== undefined && !optional && !own.has(`${kind}/${name}`),
  )
  const groups = Map.groupBy(needed, ({ kind, name }) => `${kind}/${name}`)
  return [...groups.values()].map((group) => {
    const [{ kind, name }] = group as [Mention, ...Mention[]]
    return {
      kind,
      name: name as string,
      keys: new Set(group.flatMap(({ keys = [] }) => keys)),
      content: group.some(({ content = true }) => content),
    }
  })
}

/** Names of ConfigMaps that pods of this template mount or read. */
export function configMapsOf(spec: PodSpec | undefined): readonly string[] {
  return mentions(spec ?? { containers: [] }).flatMap(({ kind, name }) =>
    kind === 'ConfigMap' && name !== undefined ? [name] : [],
  )
}

function mentions(spec: PodSpec): readonly Mention[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  return [
    ...containers.flatMap((container) => (container.env ?? []).flatMap(ofVariable)),
    ...containers.flatMap((container) => ofWhole(container.envFrom)),
    ...(spec.volumes ?? []).flatMap(ofVolume),
    ...(spec.imagePullSecrets ?? []).map(
      ({ name }): Mention => ({ kind: 'Secret', name, content: false }),
    ),
  ]
}

type Variable = NonNullable<PodSpec['containers'][number]['env']>[number]

function ofVariable({ valueFrom }: Variable): Mention[] {
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {}
  return [
    ...(secretKeyRef
      ? [{ kind: 'Secret', ...secretKeyRef, keys: [secretKeyRef.key] } as const]
      : []),
    ...(configMapKeyRef
      ? [{ kind: 'ConfigMap', ...configMapKeyRef, keys: [configMapKeyRef.key] } as const]
      : []),
  ]
}

function ofWhole(sources: unknown): Mention[] {
  if (!Array.isArray(sources)) return []
  return (
    sources as readonly {
      readonly secretRef?: Omit<Mention, 'kind'>
      readonly configMapRef?: Omit<Mention, 'kind'>
    }[]
  ).flatMap(({ secretRef, configMapRef }) => [
    ...(secretRef ? [{ kind: 'Secret', ...secretRef } as const] : []),
    ...(configMapRef ? [{ kind: 'ConfigMap', ...configMapRef } as const] : []),
  ])
}

function ofVolume({ secret, configMap }: PodVolume): Mention[] {
  const keys = (items: NonNullable<PodVolume['secret']>['items']) => items?.map(({ key }) => key)
  return [
    ...(secret
      ? [
          {
            kind: 'Secret',
            name: secret.secretName,
            optional: secret.optional,
            keys: keys(secret.items),
          } as const,
        ]
      : []),
    ...(configMap
      ? [{ kind: 'ConfigMap', ...configMap, keys: keys(configMap.items) } as const]
      : []),
  ]
}

/** What a Secret or ConfigMap holds, as a hash that tells nothing to those who may not read it. */
export function fingerprint(object: KubernetesObject): string {
  const { metadata, data, binaryData } = object
  // With the object's own id, which is as hidden as its content: short secrets could be guessed from a plain hash.
  return contentHash([metadata.uid ?? '', data ?? {}, binaryData ?? {}])
}

/** Keys that are needed and not there. */
export function missingKeys({ keys }: Reference, { data, binaryData }: KubernetesObject): string[] {
  const there = new Set([...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})])
  return [...keys].filter((key) => !there.has(key))
}
