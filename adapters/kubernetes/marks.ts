/** Our own labels and annotations, all under one prefix. The schema keeps apps from using it for theirs. */
const PREFIX = 'intermodal.dev/'

/**
 * Label on every object we make and on pods: the workload's name. What belongs to an app, and what is pruned, is found
 * by it; pods are selected by it.
 */
export const OWNER = `${PREFIX}name`
/** Annotation on every object we make: the app's id, exactly. */
export const APP = `${PREFIX}app`
/** Annotation on the workload and its pod template: the revision of the app the pods are made from. */
export const REVISION = `${PREFIX}revision`
/**
 * Annotation on the pod template of apps that read secrets or configs: translation writes their names, `config/banner
 * secret/store-password`, and `apply` replaces it by a hash of their versions, so that new content rolls out.
 */
export const MATERIAL = `${PREFIX}material`
/** Annotation on the pod template: when a restart was asked for, as kubectl writes it. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
/** Annotation on the templates we keep in memory, never on a cluster: a hash of the whole one. */
export const TEMPLATE = `${PREFIX}template`
/** Annotation on a suspended workload: how many replicas it had. */
export const SUSPENDED = `${PREFIX}suspended-replicas`
/** Annotation on the workload: what the app says and Kubernetes has no word for: a `Memo` of core. */
export const MEMO = `${PREFIX}memo`
/** Annotation on the workload: the id of the write that made it so, to recognise one whose answer was lost. */
export const OP = `${PREFIX}op`
/** Annotation on a workload that was taken over: it keeps the selector it had, which cannot change and is nobody's wish. */
export const KEPT_SELECTOR = `${PREFIX}kept-selector`
/**
 * Annotation on a Service under an app's short name: apply leaves it out, without a word, where that name already belongs to
 * something else.
 */
export const SHORT_NAME = `${PREFIX}short-name`

export function isMark(key: string): boolean {
  return key.startsWith(PREFIX)
}
