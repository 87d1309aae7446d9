import { placeIn } from '../engine.ts'
import type { Report } from '../report.ts'
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

/** False for an object of a version that never was. One of an old version is read as the present one, and told. */
export function checkVersion({ root, pointer, object }: Placed, report: Report): boolean {
  const { apiVersion, kind = '' } = object
  const known = Object.hasOwn(VERSIONS, kind) ? VERSIONS[kind] : undefined
  // Items of a list of one kind have none of their own.
  if (!known || apiVersion === undefined || apiVersion === known[0]) return true
  const at = placeIn(root, `${pointer}/apiVersion`)
  if (known.includes(apiVersion)) {
    report.loss(at, 'approximated', `is read as ${known[0]}, which defaults some fields otherwise`)
    return true
  }
  report.problem(
    at,
    `is version ${JSON.stringify(apiVersion)}, which a ${kind} was never of: it is ${known[0]}`,
  )
  return false
}
