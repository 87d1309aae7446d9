import type { Event } from 'intermodal'
import type { Paint } from '../style.ts'
import { healthBar } from './health-bar.ts'
import { readiness } from './status-table.ts'
import { safe } from './text.ts'
import { colourOf, stateWord } from './words.ts'

/** One event as one line, without its time. */
export function renderEvent(event: Event, paint: Paint): string {
  const type = paint(typeColour(event.type), event.type.padEnd(18))
  return `${type} ${describe(event, paint)}`.trimEnd()
}

function typeColour(type: Event['type']) {
  if (type === 'stream.gap' || type === 'cluster.lost') return 'red'
  if (type.startsWith('rollout.')) return 'cyan'
  if (type.startsWith('instance.')) return 'gray'
  return 'blue'
}

function describe(event: Event, paint: Paint): string {
  switch (event.type) {
    case 'app.added':
    case 'app.changed': {
      const { status } = event
      const reason = status.reasons[0]
      const why = reason ? `  ${reason.code}: ${safe(reason.message)}` : ''
      return `${event.app}  ${stateWord(status.state, paint)} ${readiness(status)} ${healthBar(status, paint)}${why}`
    }
    case 'app.removed':
      return event.app
    case 'instance.added':
    case 'instance.removed':
    case 'instance.changed': {
      const { instance } = event
      const before =
        event.type === 'instance.changed' && event.previous.state !== instance.state
          ? `${event.previous.state} → `
          : ''
      const state = paint(colourOf.instance(instance.state), instance.state)
      const health =
        instance.state === 'running' && instance.health !== 'none'
          ? ` ${paint(colourOf.health(instance.health), instance.health)}`
          : ''
      const where = instance.node === undefined ? '' : ` on ${safe(instance.node)}`
      const why = instance.reason
        ? `  ${instance.reason.code}: ${safe(instance.reason.message)}`
        : ''
      return `${event.app}  ${safe(instance.id)} ${before}${state}${health}${where}${why}`
    }
    case 'rollout.started':
    case 'rollout.progressed':
    case 'rollout.ended': {
      const { rollout, status } = event
      const message = rollout.message ? `: ${safe(rollout.message)}` : ''
      return `${event.app}  ${rollout.revision} ${rollout.state} ${readiness(status)}${message}`
    }
    case 'cluster.lost':
      return `${event.cluster}  ${safe(event.error.message)}`
    case 'stream.gap':
      return `${event.cluster}  ${safe(event.cause)}`
    default:
      return event.cluster
  }
}
