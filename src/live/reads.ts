import type { Selector } from '../adapter.ts'
import { defineApp } from '../app/define.ts'
import type { App, AppId } from '../app/schema.ts'
import type { Client } from '../client.ts'
import { PLACEMENT_REASONS } from '../derive.ts'
import { explainStatus } from '../explain.ts'
import { planApp } from '../plan.ts'
import type { AppStatus } from '../status.ts'
import { able, type Live, notFound } from './context.ts'

type Reads = Pick<Client, 'plan' | 'status' | 'list' | 'explain' | 'nodes' | 'export' | 'native'>

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

    async plan(input, options = {}) {
      const app = defineApp(input)
      const { native: wanted, losses } = adapter.translate(app)
      const dependencies = Object.keys(app.dependsOn) as AppId[]
      const [found, now, allNodes, ...there] = await Promise.all([
        caller.read(`plan of ${app.id}`, app.id, options, (call) => adapter.read(app.id, call)),
        status(app.id, options),
        adapter.capabilities.nodes ? nodes(options) : undefined,
        ...dependencies.map((id) => status(id, options)),
      ])
      // Both sides pass through the engine's own terms, so that what it approximates does not show as a change.
      const refused = losses.some(({ kind }) => kind === 'refused')
      const carried = refused ? app : adapter.interpret(wanted).app
      return planApp({
        wanted: app.replicas === undefined ? withoutReplicas(carried) : carried,
        live: found === undefined ? undefined : adapter.interpret(found).app,
        status: now,
        nodes: allNodes,
        known: new Set(there.flatMap((dependency) => dependency?.id ?? [])),
        capabilities: adapter.capabilities,
        losses,
        cluster,
      })
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
        capabilities.nodes ? nodes(options) : undefined,
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

function withoutReplicas({ replicas: _, ...app }: App): App {
  return app
}
