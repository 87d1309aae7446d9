import type { Rehearsal, Selector } from '../adapter.ts'
import { defineApp } from '../app/define.ts'
import { defineGroup } from '../app/group.ts'
import type { App, AppId } from '../app/schema.ts'
import type { CallOptions, Client } from '../client.ts'
import { PLACEMENT_REASONS } from '../derive.ts'
import { type ErrorCode, IntermodalError } from '../errors.ts'
import { explainStatus } from '../explain.ts'
import { planApp } from '../plan.ts'
import type { AppStatus } from '../status.ts'
import { able, type Live, notFound } from './context.ts'

type Reads = Pick<
  Client,
  'plan' | 'planGroup' | 'status' | 'list' | 'explain' | 'nodes' | 'export' | 'native'
>

/** The calls that ask and change nothing. */
export function reads(live: Live): Reads {
  const { adapter, caller, cluster, clock } = live

  const status: Reads['status'] = (id, options = {}) =>
    caller.read(`status of ${id}`, id, options, (call) => adapter.observe(id, call))

  const nodes: Reads['nodes'] = (options = {}) =>
    caller.read('list of nodes', undefined, options, async (call) =>
      able(live, 'nodes', await adapter.nodes?.(call)),
    )

  const native: Reads['native'] = async (id, options = {}) => {
    const found = await caller.read(`read of ${id}`, id, options, (call) => adapter.read(id, call))
    if (found === undefined) throw notFound(live, id)
    return found
  }

  const exported: Reads['export'] = async (id, options = {}) =>
    adapter.interpret(await native(id, options))

  /** `together`: the apps deployed with it, which therefore need not be there yet. */
  const planOne = async (app: App, together: readonly AppId[], options: CallOptions) => {
    const { native: wanted, losses } = adapter.translate(app)
    const elsewhere = (Object.keys(app.dependsOn) as AppId[]).filter((id) => !together.includes(id))
    const [found, now, allNodes, ...there] = await Promise.all([
      caller.read(`plan of ${app.id}`, app.id, options, (call) => adapter.read(app.id, call)),
      status(app.id, options),
      visibleNodes(options),
      ...elsewhere.map((id) => status(id, options)),
    ])
    // Both sides pass through the engine's own terms, so that what it approximates does not show as a change.
    const refused = losses.some(({ kind }) => kind === 'refused')
    const rehearsal = refused ? undefined : await rehearse(app, options)
    const carried = refused ? app : adapter.interpret(wanted).app
    const plan = planApp({
      wanted: app.replicas === undefined ? withoutReplicas(carried) : carried,
      live: found === undefined ? undefined : adapter.interpret(found).app,
      status: now,
      nodes: allNodes,
      known: new Set([...together, ...there.flatMap((dependency) => dependency?.id ?? [])]),
      capabilities: {
        inPlace: adapter.capabilities.inPlace,
        immutable: [...adapter.capabilities.immutable, ...(rehearsal?.immutable ?? [])],
      },
      losses,
      cluster,
    })
    return rehearsal?.refusal === undefined
      ? plan
      : { ...plan, warnings: [...plan.warnings, `apply would be refused: ${rehearsal.refusal}`] }
  }

  /** That an apply would be refused is part of the plan, and no failure of planning. */
  const rehearse = async (
    app: App,
    options: CallOptions,
  ): Promise<(Rehearsal & { readonly refusal?: string }) | undefined> => {
    if (!adapter.rehearse) return undefined
    try {
      return await caller.read(`rehearsal of ${app.id}`, app.id, options, async (call) =>
        adapter.rehearse?.(app, { ...call, force: false }),
      )
    } catch (error) {
      if (!IntermodalError.is(error) || !REFUSALS.has(error.code)) throw error
      return { immutable: [], refusal: error.message }
    }
  }

  /** Nodes make a plan and an explanation better; who may not see them gets both all the same. */
  const visibleNodes = async (options: CallOptions) => {
    if (!adapter.capabilities.nodes) return undefined
    try {
      return await nodes(options)
    } catch (error) {
      if (IntermodalError.is(error) && error.code === 'FORBIDDEN') return undefined
      throw error
    }
  }

  return {
    status,
    nodes,
    native,

    async *list(selector: Selector = {}, options = {}): AsyncGenerator<AppStatus, void, void> {
      // Gathered within one deadline: a list that hangs half-way must not hang its reader.
      yield* await caller.read('list of apps', undefined, options, (call) =>
        Array.fromAsync(adapter.list(selector, call)),
      )
    },

    plan: (input, options = {}) => planOne(defineApp(input), [], options),

    async planGroup(input, options = {}) {
      const { apps } = defineGroup(input)
      const together = apps.map(({ id }) => id)
      return Promise.all(apps.map((app) => planOne(app, together, options)))
    },

    async explain(id, options = {}) {
      const { capabilities } = adapter
      const [now, extra, allNodes] = await Promise.all([
        status(id, options),
        capabilities.explain
          ? caller.read(`explanation of ${id}`, id, options, async (call) =>
              adapter.explain?.(id, call),
            )
          : undefined,
        visibleNodes(options),
      ])
      if (!now) throw notFound(live, id)
      const placeless = [...now.reasons, ...(extra ?? [])].some(({ code }) =>
        PLACEMENT_REASONS.has(code),
      )
      // What an instance needs is only asked for where the nodes' figures are to be set against it.
      const app = placeless && allNodes ? (await exported(id, options)).app : undefined
      return explainStatus(now, extra ?? [], allNodes, cluster, clock.now(), app)
    },

    export: exported,
  }
}

/** What an engine says of an app, and not of itself. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'APP_INVALID',
  'CONFLICT',
  'FORBIDDEN',
  'LOCKED',
  'UNSUPPORTED',
])

function withoutReplicas({ replicas: _, ...app }: App): App {
  return app
}
