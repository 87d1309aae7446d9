import { placeIn } from '../engine.ts'
import type { Report } from '../report.ts'
import { converted } from './convert.ts'
import type { Placed } from './gather.ts'

const APPS = ['apps/v1', 'apps/v1beta2', 'apps/v1beta1', 'extensions/v1beta1']
const CORE = ['v1']

/** The versions each kind has been served in, the present one first. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  Deployment: APPS,
  StatefulSet: APPS,
  DaemonSet: APPS,
  Job: ['batch/v1'],
  CronJob: ['batch/v1', 'batch/v1beta1', 'batch/v2alpha1'],
  Service: CORE,
  ConfigMap: CORE,
  Secret: CORE,
  PersistentVolumeClaim: CORE,
  HorizontalPodAutoscaler: [
    ...['autoscaling/v2', 'autoscaling/v1', 'autoscaling/v2beta2', 'autoscaling/v2beta1'],
  ],
  Ingress: ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1', 'extensions/v1beta1'],
  PodDisruptionBudget: ['policy/v1', 'policy/v1beta1'],
}

/** The object in the words of the present version, and told when it is of an old one; none of a version that never was. */
export function present(placed: Placed, report: Report): readonly Placed[] {
  const { root, pointer, object } = placed
  const { apiVersion, kind = '' } = object
  const known = Object.hasOwn(VERSIONS, kind) ? VERSIONS[kind] : undefined
  const [newest = ''] = known ?? []
  // Items of a list of one kind have none of their own.
  if (!known || apiVersion === undefined || apiVersion === newest) return [placed]
  const at = placeIn(root, `${pointer}/apiVersion`)
  if (known.includes(apiVersion)) {
    report.loss(at, 'approximated', `is read as ${newest}, which defaults some fields otherwise`)
    return [{ ...placed, object: converted(object, newest) }]
  }
  report.problem(
    at,
    `is version ${JSON.stringify(apiVersion)}, which a ${kind} was never of: it is ${newest}`,
  )
  return []
}
