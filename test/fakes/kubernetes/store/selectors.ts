import { badRequest } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Kind, NEW_EVENTS } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'

export type Predicate = (object: KubeObject) => boolean

type Labels = Readonly<Record<string, string>>

const PART =
  /^\s*(?:(!)\s*([^\s!=,()]+)|([^\s!=,()]+)(?:\s*(==|=|!=|>|<)\s*([^\s,()=!]*)|\s+(in|notin)\s+\(([^()]*)\))?)\s*$/

/** `app=web,tier in (a, b),!old`. Throws the 400 for what is no selector. */
export function labelSelector(text: string): (labels: Labels) => boolean {
  if (text.trim() === '') return () => true
  const tests = splitOutside(text).map(labelTest)
  return (labels) => tests.every((test) => test(labels))
}

function splitOutside(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/)
}

function labelTest(part: string): (labels: Labels) => boolean {
  const match = PART.exec(part)
  if (!match)
    throw badRequest(`unable to parse requirement: found '${odd(part)}', expected: identifier`)
  const [, not, absent = '', key = '', operator, value = '', many, list = ''] = match
  if (not) return (labels) => labels[absent] === undefined
  const values = list.split(',').map((one) => one.trim())
  if (many === 'in') return (labels) => values.includes(labels[key] ?? '\0')
  if (many === 'notin') return (labels) => !values.includes(labels[key] ?? '\0')
  if (operator === undefined) return (labels) => labels[key] !== undefined
  if (operator === '!=') return (labels) => labels[key] !== value
  if (operator === '>') return (labels) => Number(labels[key]) > Number(value)
  if (operator === '<') return (labels) => Number(labels[key]) < Number(value)
  return (labels) => labels[key] === value
}

function odd(part: string): string {
  return /[=!<>(),]+\s*([=!<>(),])/.exec(part)?.[1] ?? part.trim()
}

/** The selector of an object: `matchLabels` and `matchExpressions`, or the labels alone. */
export function objectSelector(selector: JsonObject | undefined): (labels: Labels) => boolean {
  if (!selector) return () => false
  const { matchLabels, matchExpressions } = selector as {
    readonly matchLabels?: Labels
    readonly matchExpressions?: readonly Expression[]
  }
  return (labels) =>
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (matchExpressions ?? []).every((one) => matches(one, labels))
}

interface Expression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export function matches({ key, operator, values = [] }: Expression, labels: Labels): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}

/** As one text, the way `scale` tells it. */
export function selectorText(selector: JsonObject | undefined): string {
  const { matchLabels = {}, matchExpressions = [] } = (selector ?? {}) as {
    readonly matchLabels?: Labels
    readonly matchExpressions?: readonly Expression[]
  }
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator.toLowerCase()} (${values.join(',')})`
  })
  return [...labels.sort(), ...expressions].join(',')
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  replicasets: ['status.replicas'],
  jobs: ['status.successful'],
}

/** `status.phase!=Running,spec.nodeName=a`. Throws the 400 for a field one cannot select by. */
export function fieldSelector(kind: Kind, text: string): Predicate {
  const tests = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => fieldTest(kind, part))
  return (object) => tests.every((test) => test(object))
}

function fieldTest(kind: Kind, part: string): Predicate {
  const match = /^\s*([^=!]+?)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part)
  if (!match) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`)
  const [, given = '', operator, value = ''] = match
  const path = kind === NEW_EVENTS ? given.replace(/^regarding\./, 'involvedObject.') : given
  const known = ['metadata.name', ...(kind.namespaced ? ['metadata.namespace'] : [])]
  if (![...known, ...(FIELDS[kind.plural] ?? [])].includes(path))
    throw badRequest(
      kind.group === '' || kind.group === 'apps' || kind.group === 'batch'
        ? `field label not supported: ${given}`
        : `"${given}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
    )
  return (object) => (valueAt(object, path) === value) === (operator !== '!=')
}

function valueAt(object: KubeObject, path: string): string {
  if (path === 'source') {
    const { source, reportingComponent } = object as {
      source?: JsonObject
      reportingComponent?: string
    }
    return String(source?.component ?? reportingComponent ?? '')
  }
  let value: unknown = object
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined
  if (value === undefined || value === null) return path === 'spec.unschedulable' ? 'false' : ''
  return String(value)
}
