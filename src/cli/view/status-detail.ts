import type { AppStatus, Instance } from 'intermodal'
import type { Paint } from '../style.ts'
import { healthBar } from './health-bar.ts'
import { readiness } from './status-table.ts'
import { renderTable } from './table.ts'
import { age, safe } from './text.ts'
import { colourOf, stateWord } from './words.ts'

/** One app with everything that is known of it: `intermodal status`. */
export function renderStatus(
  cluster: string,
  status: AppStatus,
  { paint, now }: { readonly paint: Paint; readonly now: number },
): string {
  const { rollout, observed } = status
  const facts: [string, string][] = [
    ['app', `${cluster}:${status.id}${status.managed ? '' : '  (not made by intermodal)'}`],
    ['kind', status.kind],
    ['image', safe(status.image)],
    ['state', stateWord(status.state, paint)],
    ['ready', `${readiness(status)}  ${healthBar(status, paint)}`],
    ['revision', status.revision],
    ...(rollout
      ? [
          ['rollout', `${rollout.state}${rollout.message ? `: ${safe(rollout.message)}` : ''}`] as [
            string,
            string,
          ],
        ]
      : []),
    ...(status.createdAt === undefined
      ? []
      : [['age', age(now - status.createdAt)] as [string, string]]),
    ...(observed.stale
      ? [
          [
            'seen',
            paint('magenta', `${age(now - observed.at)} ago: the cluster cannot be reached`),
          ] as [string, string],
        ]
      : []),
  ]
  const lines = facts.map(([name, value]) => `${paint('dim', name.padEnd(9))} ${value}`)
  for (const reason of status.reasons) {
    const since = age(now - reason.since)
    lines.push(
      `${paint('dim', 'reason'.padEnd(9))} ${paint('yellow', reason.code)}: ${safe(reason.message)} (for ${since})`,
    )
  }
  if (status.instances.length > 0) lines.push('', renderInstances(status.instances, paint, now))
  return lines.join('\n')
}

export function renderInstances(instances: readonly Instance[], paint: Paint, now: number): string {
  return renderTable(
    [
      'INSTANCE',
      'SLOT',
      'STATE',
      'HEALTH',
      'READY',
      'REVISION',
      'NODE',
      'RESTARTS',
      'AGE',
      'REASON',
    ],
    instances.map((instance) => [
      safe(instance.id),
      instance.slot ?? '-',
      paint(colourOf.instance(instance.state), instance.state),
      paint(colourOf.health(instance.health), instance.health),
      instance.ready ? 'yes' : 'no',
      instance.revision,
      safe(instance.node ?? '-'),
      String(instance.restarts),
      instance.startedAt === undefined ? '-' : age(now - instance.startedAt),
      instance.reason ? `${instance.reason.code}: ${safe(instance.reason.message)}` : '-',
    ]),
    paint,
  )
}
