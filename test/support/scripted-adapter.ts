import {
  type Adapter,
  type AppId,
  type AppStatus,
  type Call,
  type Change,
  defineApp,
  Mailbox,
  matches,
  type Revision,
  SEAM,
  type Selector,
} from 'intermodal'

/** An adapter whose cluster is whatever the test says next. */
export class ScriptedAdapter implements Adapter<{ app: unknown }> {
  readonly seam = SEAM
  readonly kind = 'scripted'
  readonly capabilities = {
    kinds: ['service', 'stateful', 'daemon', 'job', 'cron'],
    scale: false,
    restart: false,
    suspend: false,
    resume: false,
    pause: false,
    rollback: true,
    kill: false,
    logs: false,
    exec: false,
    nodes: false,
    explain: false,
    material: false,
    rehearse: false,
    autoRollback: false,
    watch: 'push',
    gapless: false,
    inPlace: [],
    immutable: [],
  } as const
  readonly watches: Mailbox<Change>[] = []
  readonly calls: string[] = []
  readonly apps = new Map<AppId, AppStatus>()
  closed = 0
  revision: Revision = { app: '/shop/web', id: 'r1', generation: 1, changed: true }
  back: Revision = { app: '/shop/web', id: 'r0', generation: 3, changed: true, previous: 'r1' }
  /** What the next calls do instead of answering. */
  onCall: (name: string, call: Call) => Promise<void> = async () => {}

  /** To every watch that is open. */
  tell(...changes: Change[]): void {
    for (const change of changes) {
      if (change.type === 'app') this.apps.set(change.status.id, change.status)
      if (change.type === 'gone') this.apps.delete(change.id)
      for (const watch of this.watches) watch.put(change)
    }
  }

  app(...statuses: AppStatus[]): void {
    this.tell(...statuses.map((status) => ({ type: 'app', status }) as const))
  }

  translate(app: unknown) {
    return { native: { app }, losses: [] }
  }

  interpret() {
    return { app: defineApp({ id: '/shop/web', image: 'shop/web:1' }), losses: [] }
  }

  async apply(_app: unknown, call: Call): Promise<Revision> {
    this.calls.push('apply')
    await this.onCall('apply', call)
    return this.revision
  }

  async remove(id: AppId, call: Call): Promise<boolean> {
    this.calls.push('remove')
    await this.onCall('remove', call)
    return this.apps.has(id)
  }

  async observe(id: AppId, call: Call): Promise<AppStatus | undefined> {
    this.calls.push('observe')
    await this.onCall('observe', call)
    return this.apps.get(id)
  }

  async read(): Promise<undefined> {
    return undefined
  }

  async rollback(): Promise<Revision> {
    this.calls.push('rollback')
    return this.back
  }

  async *list(selector: Selector, call: Call): AsyncGenerator<AppStatus, void, void> {
    this.calls.push('list')
    await this.onCall('list', call)
    for (const status of this.apps.values()) if (matches(selector, status)) yield status
  }

  async *watch(selector: Selector, call: Call): AsyncGenerator<Change, void, void> {
    this.calls.push('watch')
    await this.onCall('watch', call)
    const changes = new Mailbox<Change>()
    call.signal.addEventListener('abort', () => changes.fail(call.signal.reason))
    for (const status of this.apps.values()) {
      if (matches(selector, status)) changes.put({ type: 'app', status })
    }
    changes.put({ type: 'synced' })
    this.watches.push(changes)
    try {
      yield* changes
    } finally {
      this.watches.splice(this.watches.indexOf(changes), 1)
      this.closed++
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.calls.push('dispose')
  }
}
