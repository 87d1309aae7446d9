import type { Adapter } from 'intermodal'

/** An adapter that is broken in one way, and the groups that have to notice it: these, and no other. */
export interface Saboteur {
  readonly name: string
  readonly fails: readonly string[]
  /** Called for each adapter the suite opens; all of them stand on the same sound one. */
  spoil(adapter: Adapter): Adapter
}
