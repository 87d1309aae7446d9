import type { AppState, Effect, Health, InstanceState, Outcome } from 'intermodal'
import type { Paint } from '../style.ts'

type Colour = 'green' | 'cyan' | 'yellow' | 'red' | 'gray' | 'blue' | 'magenta'

const STATE: Readonly<Record<AppState, Colour>> = {
  completed: 'green',
  running: 'green',
  suspended: 'gray',
  absent: 'gray',
  scaling: 'cyan',
  deploying: 'cyan',
  restarting: 'cyan',
  deleting: 'cyan',
  paused: 'yellow',
  rollingBack: 'yellow',
  waiting: 'yellow',
  delayed: 'yellow',
  degraded: 'red',
  failed: 'red',
  unknown: 'magenta',
}

const INSTANCE: Readonly<Record<InstanceState, Colour>> = {
  pending: 'yellow',
  assigned: 'cyan',
  preparing: 'cyan',
  starting: 'cyan',
  running: 'green',
  stopping: 'cyan',
  succeeded: 'green',
  failed: 'red',
  killed: 'gray',
  rejected: 'red',
  lost: 'red',
  unknown: 'magenta',
}

const HEALTH: Readonly<Record<Health, Colour>> = {
  healthy: 'green',
  none: 'gray',
  warmingUp: 'yellow',
  unknown: 'magenta',
  unhealthy: 'red',
}

const OUTCOME: Readonly<Record<Outcome, Colour>> = {
  succeeded: 'green',
  failed: 'red',
  rolledBack: 'red',
  superseded: 'yellow',
  cancelled: 'yellow',
  timedOut: 'yellow',
}

const EFFECT: Readonly<Record<Effect, Colour>> = {
  none: 'gray',
  inPlace: 'green',
  rollingRestart: 'yellow',
  recreate: 'red',
  replace: 'red',
}

export const colourOf = {
  state: (state: AppState): Colour => STATE[state],
  instance: (state: InstanceState): Colour => INSTANCE[state],
  health: (health: Health): Colour => HEALTH[health],
  outcome: (outcome: Outcome): Colour => OUTCOME[outcome],
  effect: (effect: Effect): Colour => EFFECT[effect],
} as const

export function stateWord(state: AppState, paint: Paint): string {
  return paint(colourOf.state(state), state)
}
