/** Our own labels and annotations, all under one prefix. */
const PREFIX = 'intermodal.dev'

/** Label on every object we make: a hash of the app's id. What belongs to the app, and what is pruned, is found by it. */
export const OWNER = `${PREFIX}/owner`
/** Label on every object we make and on pods; its value is {@link MANAGED_BY_US}. */
export const MANAGED_BY = 'app.kubernetes.io/managed-by'
export const MANAGED_BY_US = 'intermodal'
/** Label that pods are selected by: the workload's name. */
export const INSTANCE_OF = 'app.kubernetes.io/instance'

/** Annotation on every object we make: the app's id, exactly. */
export const APP = `${PREFIX}/app`
/** Annotation on the workload and its pod template: the revision of the app the pods are made from. */
export const REVISION = `${PREFIX}/revision`
/** Annotation on the pod template: names of the secrets and configs the pods read, and, once applied, which version. */
export const MATERIAL = `${PREFIX}/material`
/** Annotation on the pod template: when a restart was asked for. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
/** Annotation on a suspended workload: how many replicas it had. */
export const SUSPENDED = `${PREFIX}/suspended-replicas`
/** Annotation on the workload: the parts of the app that Kubernetes has no place for, as JSON. */
export const REST = `${PREFIX}/rest`
/** Annotation on the workload: the id of the write that made it so, to recognise one whose answer was lost. */
export const OP = `${PREFIX}/op`
