import type { Answer } from '../http/answer.ts'
import { ok } from '../http/answer.ts'
import { listOf } from '../http/lists.ts'
import { bodyOf } from '../http/request.ts'
import { shownInList } from '../http/views.ts'
import { apiVersionOf } from '../kinds.ts'
import type { DeleteOptions } from '../write/remove.ts'
import { type Call, found, one, stored } from './resources.ts'

/** Of these the last state is the answer to their deletion. */
const GIVEN_BACK: ReadonlySet<string> = new Set([
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Pod',
  'ResourceQuota',
  'Service',
  'ServiceAccount',
])

function optionsOf({ cluster, request, target, warnings }: Call): DeleteOptions {
  const { query, body } = request
  const given = (body.length > 0 ? bodyOf(cluster.schemas, request, 'DeleteOptions') : {}) as {
    readonly gracePeriodSeconds?: number
    readonly propagationPolicy?: DeleteOptions['propagationPolicy']
    readonly preconditions?: DeleteOptions['preconditions']
    readonly dryRun?: readonly string[]
    readonly orphanDependents?: boolean
  }
  const seconds = query.get('gracePeriodSeconds') ?? given.gracePeriodSeconds
  const propagationPolicy = (query.get('propagationPolicy') ??
    given.propagationPolicy ??
    (given.orphanDependents === true ? 'Orphan' : undefined)) as DeleteOptions['propagationPolicy']
  if (target.kind.kind === 'Job' && propagationPolicy === undefined)
    warnings.push(
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    )
  return {
    ...(seconds === undefined ? {} : { gracePeriodSeconds: Number(seconds) }),
    propagationPolicy,
    preconditions: given.preconditions,
    dryRun: query.get('dryRun') === 'All' || given.dryRun?.includes('All') === true,
  }
}

export function deleteOne(call: Call): Answer {
  const { cluster, target, warnings } = call
  const kind = stored(target)
  const options = optionsOf(call)
  const { object, gone } = cluster.remove(kind, found(call), options)
  if (!gone || GIVEN_BACK.has(kind.kind)) return one(call, object)
  const { name, uid } = object.metadata
  return ok(
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name, ...(kind.group ? { group: kind.group } : {}), kind: kind.plural, uid },
    },
    warnings,
  )
}

/** All that a selector chooses. */
export function deleteSome(call: Call): Answer {
  const { cluster, request, target, warnings } = call
  const { kind } = target
  const options = optionsOf(call)
  const { items, resourceVersion } = listOf(
    cluster.store,
    stored(target),
    target.namespace,
    request,
  )
  const removed = items.map((object) => cluster.remove(stored(target), object, options).object)
  return ok(
    {
      kind: `${kind.kind}List`,
      apiVersion: apiVersionOf(kind),
      metadata: { resourceVersion },
      items: removed.map((object) => shownInList(kind, object)),
    },
    warnings,
  )
}
