import type { AppId, AppInput, Client, Revision } from 'intermodal'

/** One call of a client, and what has to be there before. */
export interface Operation {
  readonly name: string
  /** What the app is before: absent, or made by this. */
  readonly before: (id: AppId) => AppInput | undefined
  readonly run: (client: Client, id: AppId) => Promise<unknown>
  /** The write it is for. Absent: it only reads. */
  readonly writes?: true | undefined
  /** How many deadlines it has, one after the other. @default 1 */
  readonly deadlines?: number | undefined
}

/** How long a call of the suite may take, milliseconds. */
export const DEADLINE = 10_000

export function operations(app: (id: AppId, image?: string) => AppInput): readonly Operation[] {
  const before = (id: AppId) => app(id)
  const lenient = { losses: 'lenient' } as const
  return [
    { name: 'status', before, run: (client, id) => client.status(id) },
    { name: 'list', before, run: (client) => Array.fromAsync(client.list()) },
    { name: 'export', before, run: (client, id) => client.export(id) },
    {
      name: 'apply of a new app',
      before: () => undefined,
      run: (client, id) => client.apply(app(id), lenient),
      writes: true,
    },
    {
      name: 'apply of a change',
      before,
      run: (client, id) => client.apply(app(id, 'faults/app:2'), lenient),
      writes: true,
    },
    { name: 'scale', before, run: (client, id) => client.scale(id, 2), writes: true },
    { name: 'restart', before, run: (client, id) => client.restart(id), writes: true },
    {
      name: 'remove',
      before,
      run: (client, id) => client.remove(id, { timeout: `${DEADLINE}ms` }),
      writes: true,
      // One for the call, one for the instances to go.
      deadlines: 2,
    },
  ]
}

/** The revision an operation says it made, where it says one. */
export function revisionIn(result: unknown): Revision | undefined {
  if (typeof result !== 'object' || result === null || !('revision' in result)) return undefined
  const { revision } = result
  return typeof revision === 'object' ? (revision as Revision) : undefined
}
