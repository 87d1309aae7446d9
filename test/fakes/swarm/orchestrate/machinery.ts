import type { Store } from '../store/store.ts'
import type { Time } from '../time.ts'
import type { Restarts } from './restarts.ts'
import type { Scheduler } from './scheduler.ts'
import type { Updater } from './updater.ts'

/** What a manager's loops have in common. */
export interface Machinery {
  readonly store: Store
  readonly time: Time
  readonly scheduler: Scheduler
  readonly restarts: Restarts
  readonly updater: Updater
}
