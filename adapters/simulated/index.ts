import type { Adapter, Call, Capabilities } from 'intermodal'
import { APP_KINDS, IntermodalError, SEAM } from 'intermodal'
import { WorldClient } from './client.ts'
import { explainPlacement } from './explain.ts'
import { interpret } from './interpret.ts'
import { readLogs, runCommand } from './logs.ts'
import { type SimulatedApp, translate } from './translate.ts'
import { watchWorld } from './watch.ts'
import { createWorld, type World } from './world.ts'

export type { SimulatedApp } from './translate.ts'
export type { Faults, Operation, Undo } from './world/faults.ts'
export type { AppLevers, ExitOptions, LeverOptions, Target } from './world/levers.ts'
export type { ExecAnswer } from './world/model.ts'
export type { NodeLevers, NodeSpec } from './world/node-levers.ts'
export type { Snapshot, TimingOptions } from './world/snapshot.ts'
export { createWorld, type World, type WorldOptions } from './world.ts'

/** Which world the adapter is for. */
export interface SimulatedOptions {
  /** @default a new world of three nodes, at 60 virtual seconds a second */
  readonly world?: World | undefined
}

/** The adapter, with the world it is for. */
export interface SimulatedAdapter extends Adapter<SimulatedApp> {
  readonly world: World
}

const CAPABILITIES: Capabilities = {
  kinds: APP_KINDS,
  scale: true,
  restart: true,
  suspend: true,
  resume: true,
  pause: true,
  rollback: true,
  kill: true,
  logs: true,
  exec: true,
  nodes: true,
  explain: true,
  material: true,
  rehearse: false,
  autoRollback: true,
  locks: true,
  watch: 'push',
  gapless: false,
  inPlace: [
    '/labels',
    '/annotations',
    '/update',
    '/dependsOn',
    '/autoscale',
    '/disruption',
    '/schedule',
  ],
  immutable: ['/kind'],
}

/**
 * An orchestrator that runs nothing: apps live in a world of this process, by a virtual clock. It can do all that any
 * engine can, and is the reference for what the words of the model mean.
 */
export function simulated(options: SimulatedOptions = {}): SimulatedAdapter {
  const world = options.world ?? createWorld()
  const client = new WorldClient(world)
  const closing = new AbortController()
  const untilClosed = (call: Call): Call => ({
    ...call,
    signal: AbortSignal.any([call.signal, closing.signal]),
  })
  return {
    seam: SEAM,
    kind: 'simulated',
    capabilities: CAPABILITIES,
    clock: world.clock,
    world,
    translate,
    interpret,
    apply: (app, call) => client.apply(app, call),
    remove: (id, call) => client.remove(id, call),
    observe: (id, call) => client.observe(id, call),
    read: (id, call) => client.read(id, call),
    list: (selector, call) => client.list(selector, call),
    watch: (selector, call) => watchWorld(world, selector, untilClosed(call)),
    scale: (id, replicas, call) => client.scale(id, replicas, call),
    restart: (id, call) => client.restart(id, call),
    suspend: (id, call) => client.suspend(id, call),
    resume: (id, call) => client.resume(id, call),
    pause: (id, call) => client.pause(id, call),
    rollback: (id, revision, call) => client.rollback(id, revision, call),
    kill: (id, instance, call) => client.kill(id, instance, call),
    async *logs(id, wanted, call) {
      await client.through('logs', call, () => client.record(id))
      yield* readLogs(world, id, wanted, untilClosed(call))
    },
    exec: (id, command, { instance }, call) =>
      client.through('exec', call, () => runCommand(world, client.record(id), command, instance)),
    nodes: (call) => client.through('nodes', call, () => world.nodes()),
    explain: (id, call) =>
      client.through('explain', call, () => explainPlacement(world, client.record(id))),
    putSecret: (material, call) => client.putSecret(material, call),
    putConfig: (material, call) => client.putConfig(material, call),
    // The world belongs to whoever made it; one made here ends with its adapter.
    async [Symbol.asyncDispose]() {
      closing.abort(
        new IntermodalError('UNAVAILABLE', 'the simulated adapter is closed', { retryable: false }),
      )
      if (!options.world) world.close()
    },
  }
}
