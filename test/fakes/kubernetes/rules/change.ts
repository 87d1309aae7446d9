import { type Fault, forbiddenField, invalidValue } from '../errors.ts'
import { type JsonObject, sameJson } from '../json.ts'
import type { Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'

/** What may not be changed once it is there. */
export function changeFaults(kind: Kind, before: KubeObject, after: KubeObject): readonly Fault[] {
  const [old, now] = [before.spec ?? {}, after.spec ?? {}]
  const immutable = (path: string, key: string) =>
    sameJson(old[key], now[key]) ? [] : [invalidValue(path, now[key], 'field is immutable')]
  switch (kind.kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'DaemonSet':
      return immutable('spec.selector', 'selector')
    case 'StatefulSet': {
      const changed = Object.keys({ ...old, ...now }).filter(
        (key) => !MUTABLE.has(key) && !sameJson(old[key], now[key]),
      )
      return changed.length === 0
        ? []
        : [
            forbiddenField(
              'spec',
              "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
            ),
          ]
    }
    case 'Job':
      return [
        ...immutable('spec.completions', 'completions'),
        ...immutable('spec.selector', 'selector'),
        ...(old.suspend === true ? [] : immutable('spec.template', 'template')),
        ...immutable('spec.completionMode', 'completionMode'),
      ]
    case 'Service':
      return old.clusterIP &&
        old.type !== 'ExternalName' &&
        now.type !== 'ExternalName' &&
        old.clusterIP !== now.clusterIP
        ? [invalidValue('spec.clusterIPs[0]', [now.clusterIP], 'may not change once set')]
        : []
    case 'ConfigMap':
    case 'Secret':
      return [
        ...(before.immutable === true && !sameJson(before.data, after.data)
          ? [forbiddenField('data', 'field is immutable when `immutable` is set')]
          : []),
        ...(kind.kind === 'Secret' && before.type !== after.type
          ? [invalidValue('type', after.type, 'field is immutable')]
          : []),
      ]
    case 'PersistentVolumeClaim':
      return ['accessModes', 'storageClassName', 'selector', 'volumeMode'].some(
        (key) => !sameJson(old[key], now[key]),
      )
        ? [
            forbiddenField(
              'spec',
              'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
            ),
          ]
        : []
    case 'Pod':
      return podChange(old, now)
    default:
      return []
  }
}

const MUTABLE: ReadonlySet<string> = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
])

/** Of a pod, images may change and little else. */
function podChange(old: JsonObject, now: JsonObject): readonly Fault[] {
  const bare = (spec: JsonObject) => ({
    ...spec,
    containers: ((spec.containers ?? []) as readonly JsonObject[]).map(
      ({ image: _, ...one }) => one,
    ),
    initContainers: ((spec.initContainers ?? []) as readonly JsonObject[]).map(
      ({ image: _, ...one }) => one,
    ),
    activeDeadlineSeconds: null,
    terminationGracePeriodSeconds: null,
    tolerations: null,
    nodeName: old.nodeName ? (spec.nodeName ?? null) : null,
  })
  return sameJson(bare(old), bare(now))
    ? []
    : [
        forbiddenField(
          'spec',
          'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        ),
      ]
}
