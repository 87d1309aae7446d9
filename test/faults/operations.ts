import {
  type Adapter,
  type AppId,
  type AppInput,
  type Capabilities,
  type ChangeCall,
  type Client,
  defineApp,
  type Revision,
} from 'intermodal'

/** What an operation is given. */
export interface Run {
  readonly client: Client
  readonly id: AppId
  readonly app: (image?: string) => AppInput
  readonly signal: AbortSignal | undefined
  /** What was found when it was made ready. */
  readonly found: string
}

/** One call of a client, and what has to be there before. */
export interface Operation {
  readonly name: string
  /** There is no app before. */
  readonly absent?: true | undefined
  /** Beyond an app that runs: what has to be done to it, or found out, past every fault. */
  readonly ready?:
    | ((adapter: Adapter, app: AppInput, call: ChangeCall) => Promise<unknown>)
    | undefined
  readonly run: (given: Run) => Promise<unknown>
  /** It changes something. Absent: it only reads. */
  readonly writes?: true | undefined
  /** What befalls one of its requests alone is tried too; it is for all that write. */
  readonly singly?: true | undefined
  /** It goes the way of another one: only what leaves something in its middle is tried, but for a long run. */
  readonly kin?: true | undefined
  /** How many deadlines it has, one after the other. @default 1 */
  readonly deadlines?: number | undefined
  /** Only where the engine can do it. */
  readonly needs?: keyof Capabilities | undefined
}

/** How long a call of the suite may take, milliseconds. */
export const DEADLINE = 10_000

const SECOND = 'faults/app:2'

export function operations(capabilities: Capabilities): readonly Operation[] {
  const writes = WRITES.map((one) => ({ ...one, writes: true, singly: true }) as const)
  return [...READS, ...writes].filter(({ needs }) => !needs || capabilities[needs])
}

const READS: readonly Operation[] = [
  {
    name: 'status',
    run: ({ client, id, signal }) => client.status(id, { signal }),
    singly: true,
  },
  {
    name: 'list',
    run: ({ client, signal }) => Array.fromAsync(client.list({}, { signal })),
    singly: true,
  },
  { name: 'export', run: ({ client, id, signal }) => client.export(id, { signal }) },
  { name: 'native', kin: true, run: ({ client, id, signal }) => client.native(id, { signal }) },
  { name: 'plan', run: ({ client, app, signal }) => client.plan(app(SECOND), { signal }) },
  {
    name: 'explain',
    needs: 'explain',
    kin: true,
    run: ({ client, id, signal }) => client.explain(id, { signal }),
  },
  {
    name: 'nodes',
    needs: 'nodes',
    kin: true,
    run: ({ client, signal }) => client.nodes({ signal }),
  },
  {
    name: 'logs',
    needs: 'logs',
    run: ({ client, id, signal }) => Array.fromAsync(client.logs(id, { signal })),
    singly: true,
    // It has none of its own: an engine that says nothing is given up by the adapter.
    deadlines: 2,
  },
]

const WRITES: readonly Operation[] = [
  {
    name: 'apply of a new app',
    absent: true,
    run: ({ client, app, signal }) => client.apply(app(), { signal, losses: 'lenient' }),
  },
  {
    name: 'apply of a change',
    run: ({ client, app, signal }) => client.apply(app(SECOND), { signal, losses: 'lenient' }),
  },
  { name: 'scale', run: ({ client, id, signal }) => client.scale(id, 2, { signal }) },
  { name: 'restart', run: ({ client, id, signal }) => client.restart(id, { signal }) },
  {
    name: 'suspend',
    needs: 'suspend',
    kin: true,
    run: ({ client, id, signal }) => client.suspend(id, { signal }),
  },
  {
    name: 'resume',
    needs: 'resume',
    kin: true,
    ready: async (adapter, { id }, call) => adapter.suspend?.(id as AppId, call),
    run: ({ client, id, signal }) => client.resume(id, { signal }),
  },
  {
    name: 'pause',
    needs: 'pause',
    kin: true,
    run: ({ client, id, signal }) => client.pause(id, { signal }),
  },
  {
    name: 'rollback',
    needs: 'rollback',
    kin: true,
    ready: (adapter, app, call) => adapter.apply(defineApp({ ...app, image: SECOND }), call),
    run: ({ client, id, signal }) => client.rollback(id, { signal }),
  },
  {
    name: 'kill',
    needs: 'kill',
    kin: true,
    ready: async (adapter, { id }, call) =>
      (await adapter.observe(id as AppId, call))?.instances[0]?.id,
    run: ({ client, id, found, signal }) => client.kill(id, found, { signal }),
  },
  {
    name: 'remove',
    run: ({ client, id, signal }) => client.remove(id, { signal, timeout: `${DEADLINE}ms` }),
    // One for the call, one for the instances to go.
    deadlines: 2,
  },
  {
    name: 'a secret',
    needs: 'material',
    kin: true,
    run: ({ client, id, signal }) =>
      client.putSecret({ name: nameOf(id), data: 'one' }, { signal }),
  },
  {
    name: 'a config',
    needs: 'material',
    kin: true,
    run: ({ client, id, signal }) =>
      client.putConfig({ name: nameOf(id), data: 'one' }, { signal }),
  },
]

function nameOf(id: AppId): string {
  return id.slice(1).replaceAll('/', '-')
}

/** The revision an operation says it made, where it says one. */
export function revisionIn(result: unknown): Revision | undefined {
  if (typeof result !== 'object' || result === null || !('revision' in result)) return undefined
  const { revision } = result
  return typeof revision === 'object' ? (revision as Revision) : undefined
}
