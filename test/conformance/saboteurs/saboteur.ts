import type { Adapter, AppId, Revision } from 'intermodal'

/** What the broken adapters of one run of the suite have in common. */
export class Run {
  readonly updates = new Map<AppId, Promise<Revision>>()
  readonly timers = new Set<NodeJS.Timeout>()

  /** Ends what was leaked on purpose. */
  mopUp(): void {
    for (const timer of this.timers) clearInterval(timer)
  }
}

/** An adapter that is broken in one way, and the groups that have to notice it: these, and no other. */
export interface Saboteur {
  readonly name: string
  readonly fails: readonly string[]
  /** Called for each adapter the suite opens; all of them stand on the same sound one. */
  spoil(adapter: Adapter, run: Run): Adapter
}
