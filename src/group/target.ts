import type { Capabilities } from '../adapter.ts'
import type { App, AppId } from '../app/schema.ts'
import type { Client, GroupOptions } from '../client.ts'
import type { Clock } from '../clock.ts'

/** What a group needs of a client. */
export interface GroupTarget
  extends Pick<
    Client,
    'cluster' | 'apply' | 'status' | 'rollback' | 'remove' | 'export' | 'putSecret' | 'putConfig'
  > {
  readonly capabilities: Pick<Capabilities, 'material' | 'rollback'>
}

export interface ApplyGroupOptions extends GroupOptions {
  readonly clock: Clock
  /** Throws what `apply` would refuse before sending anything. */
  readonly prepare: (app: App) => void | Promise<void>
}

/** What there was before the group was applied; absent ids were not on the cluster. */
export type Before = ReadonlyMap<AppId, { readonly app: App }>
