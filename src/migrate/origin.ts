import { defineApp } from '../app/define.ts'
import { printApp } from '../app/print.ts'
import type { App } from '../app/schema.ts'

/**
 * Annotation of an app on the new side: where it came from. It is what a migration remembers, and all of it: whoever
 * begins again after a crash reads from the two clusters how far it was. It stays when the migration is done.
 */
const ORIGIN = 'migration.intermodal/origin'

export interface Origin {
  /** The old cluster's name. */
  readonly from: string
  /**
   * How many instances the old side had before any was taken away. Absent for kinds without a count, but for a schedule that
   * was held there: 0.
   */
  readonly replicas?: number | undefined
  /** The revision of the app that was taken over on the new side, where there was one. */
  readonly over?: string | undefined
}

const WRITTEN =
  /^(?:(?<replicas>\d+) instances|moved)(?: in place of (?<over>\S+))? from (?<from>.+)$/

/** `undefined` for an app that no migration brought here. */
export function originOf({ annotations }: Pick<App, 'annotations'>): Origin | undefined {
  const text = annotations[ORIGIN]
  if (text === undefined) return undefined
  const { from, replicas, over } = WRITTEN.exec(text)?.groups ?? {}
  if (from === undefined) return undefined
  return {
    from,
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
    ...(over === undefined ? {} : { over }),
  }
}

/** The app with this origin and no other; with none for `undefined`. */
export function withOrigin(app: App, origin: Origin | undefined, replicas?: number): App {
  const { [ORIGIN]: _, ...annotations } = app.annotations
  const printed = printApp(app)
  return defineApp({
    ...printed,
    ...(replicas === undefined ? {} : { replicas }),
    annotations: origin ? { ...annotations, [ORIGIN]: written(origin) } : annotations,
  })
}

/** `3 instances from legacy`: text a person understands who meets it in the engine's own tools. */
function written({ from, replicas, over }: Origin): string {
  const what = replicas === undefined ? 'moved' : `${replicas} instances`
  return `${what}${over === undefined ? '' : ` in place of ${over}`} from ${from}`
}
