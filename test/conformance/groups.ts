import type { Group } from './group.ts'
import { apply, foreign } from './groups/apply.ts'
import { cancellation, hanging } from './groups/cancellation.ts'
import { dispose } from './groups/dispose.ts'
import { errors, material, unreachable } from './groups/errors.ts'
import { events, eventsAfterCut } from './groups/events.ts'
import { interpret, liveObjects } from './groups/interpret.ts'
import { cron, jobs } from './groups/jobs.ts'
import {
  daemon,
  kill,
  pause,
  restart,
  rollback,
  scale,
  stateful,
  suspend,
} from './groups/lifecycle.ts'
import { locks } from './groups/locks.ts'
import { lostAnswers, lostRestart } from './groups/lost-answers.ts'
import { list, observe } from './groups/observe.ts'
import { remove } from './groups/remove.ts'
import { crashing, placeless, rolledBack, rollout, unhealthy } from './groups/rollout.ts'
import { exec, explain, logs, nodes } from './groups/runtime.ts'
import { shape } from './groups/shape.ts'
import { nativePatch, translate } from './groups/translate.ts'
import { outage, reconnect, resumption, watch } from './groups/watch.ts'

/** The contract, from what is cheap to check to what needs a cluster that can be broken. */
export const groups: readonly Group[] = [
  shape,
  translate,
  nativePatch,
  interpret,
  liveObjects,
  apply,
  foreign,
  locks,
  observe,
  list,
  remove,
  scale,
  restart,
  suspend,
  pause,
  rollback,
  kill,
  stateful,
  daemon,
  jobs,
  cron,
  rollout,
  rolledBack,
  crashing,
  unhealthy,
  placeless,
  watch,
  reconnect,
  resumption,
  outage,
  events,
  eventsAfterCut,
  logs,
  exec,
  nodes,
  explain,
  material,
  errors,
  unreachable,
  lostAnswers,
  lostRestart,
  cancellation,
  hanging,
  dispose,
]
