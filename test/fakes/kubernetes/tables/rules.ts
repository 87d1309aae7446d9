import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { selectorText } from '../store/selectors.ts'
import { AGE, type Column, count, NAME, spec, status } from './column.ts'

const created: Column = ['Created At', false, ({ metadata }) => metadata.creationTimestamp]
const bindings: readonly Column[] = [
  NAME,
  ['Role', false, (one) => role(one)],
  AGE,
  ['Users', true, (one) => subjects(one, 'User')],
  ['Groups', true, (one) => subjects(one, 'Group')],
  ['ServiceAccounts', true, (one) => subjects(one, 'ServiceAccount')],
]

/** Of what says what may be. */
export const ruleColumns: Readonly<Record<string, readonly Column[]>> = {
  poddisruptionbudgets: [
    NAME,
    ['Min Available', false, (one) => String(spec(one).minAvailable ?? 'N/A')],
    ['Max Unavailable', false, (one) => String(spec(one).maxUnavailable ?? 'N/A')],
    ['Allowed Disruptions', false, (one) => count(status(one).disruptionsAllowed)],
    AGE,
  ],
  resourcequotas: [
    NAME,
    ['Request', false, (one) => usage(one, (name) => !name.startsWith('limits.'))],
    ['Limit', false, (one) => usage(one, (name) => name.startsWith('limits.'))],
    AGE,
  ],
  limitranges: [NAME, created],
  networkpolicies: [
    NAME,
    ['Pod-Selector', false, (one) => selectorText(spec(one).podSelector as JsonObject) || '<none>'],
    AGE,
  ],
  priorityclasses: [
    NAME,
    ['Value', false, ({ value }) => count(value)],
    ['Global-Default', false, ({ globalDefault = false }) => String(globalDefault)],
    AGE,
    ['PreemptionPolicy', false, ({ preemptionPolicy }) => String(preemptionPolicy)],
  ],
  roles: [NAME, created],
  clusterroles: [NAME, created],
  rolebindings: bindings,
  clusterrolebindings: bindings,
}

function usage(one: KubeObject, fits: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status(one) as Readonly<Record<string, JsonObject>>
  return Object.keys(hard)
    .filter(fits)
    .sort()
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
    .join(', ')
}

function role({ roleRef }: KubeObject): string {
  const { kind, name } = roleRef as JsonObject
  return `${kind}/${name}`
}

function subjects({ subjects: all = [] }: KubeObject, wanted: string): string {
  return (all as readonly JsonObject[])
    .filter(({ kind }) => kind === wanted)
    .map(({ name, namespace }) => (wanted === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ')
}
