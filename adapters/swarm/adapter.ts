import {
  type Adapter,
  type AppId,
  type Call,
  type Clock,
  IntermodalError,
  matches,
  type Revision,
  SEAM,
} from 'intermodal'
import { type ApplyContext, applyApp, type RegistryAuth } from './apply.ts'
import { CAPABILITIES } from './capabilities.ts'
import type { Engine } from './client.ts'
import { collectMaterial } from './collect.ts'
import { explainError } from './errors.ts'
import { execute } from './exec.ts'
import { explainPlacement } from './explain.ts'
import { interpret } from './interpret.ts'
import * as lifecycle from './lifecycle.ts'
import { readLogs } from './logs.ts'
import { configShelf, putMaterial, secretShelf } from './material.ts'
import type { SwarmNative } from './native.ts'
import { listNodes } from './nodes.ts'
import { Observer } from './picture.ts'
import { translate } from './translate.ts'
import { foreignError } from './transport-error.ts'
import { readNative } from './unresolve.ts'
import { watchApps } from './watch.ts'

export type { RegistryAuth }

export interface SwarmParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly close: () => Promise<void>
  readonly registries?: Readonly<Record<string, RegistryAuth>> | undefined
  readonly endpointMode?: 'vip' | 'dnsrr' | undefined
  readonly pollBusy?: number | undefined
  readonly pollQuiet?: number | undefined
  readonly random?: (() => number) | undefined
}

/** The seam, method by method. Everything that can fail passes through `told` or `toldEach`. */
export function swarmAdapter(parts: SwarmParts): Adapter<SwarmNative> {
  const { engine, clock, endpointMode } = parts
  const registries = parts.registries ?? {}
  const context: ApplyContext = { engine, registries, endpointMode }
  const leftovers: lifecycle.Leftovers = new Set()
  const observer = new Observer({
    engine,
    clock,
    looked: (isGone, signal) => lifecycle.collectLeftovers(context, leftovers, isGone, signal),
  })
  const closed = new AbortController()

  const explained = (error: unknown, doing: string, call: Call, id?: AppId): unknown => {
    if (call.signal.aborted) return call.signal.reason
    return explainError(foreignError(error, engine.at), doing, id)
  }
  const told = async <T>(
    doing: string,
    id: AppId | undefined,
    call: Call,
    run: () => Promise<T>,
  ) => {
    try {
      call.signal.throwIfAborted()
      return await run()
    } catch (error) {
      throw explained(error, doing, call, id)
    }
  }
  async function* toldEach<T>(doing: string, id: AppId, call: Call, run: () => AsyncIterable<T>) {
    try {
      yield* run()
    } catch (error) {
      throw explained(error, doing, call, id)
    }
  }
  const changing = (doing: string, id: AppId, call: Call, run: () => Promise<Revision>) =>
    told(`${doing} ${id}`, id, call, run)

  return {
    seam: SEAM,
    kind: 'swarm',
    capabilities: CAPABILITIES,
    clock,
    translate: (app) =>
      translate(app, { endpointMode, registryAuth: Object.keys(registries).length > 0 }),
    interpret: (native) => interpret(native),

    apply: (app, call) =>
      changing('apply', app.id, call, () => {
        leftovers.delete(app.id)
        return applyApp(context, app, call)
      }),
    remove: (id, call) =>
      told(`remove ${id}`, id, call, () => lifecycle.remove(context, leftovers, id, call)),
    observe: (id, call) => told(`observe ${id}`, id, call, () => observer.one(id, call.signal)),
    read: (id, call) => told(`read ${id}`, id, call, () => readNative(engine, id, call.signal)),
    async *list(selector, call) {
      const statuses = await told('list the apps', undefined, call, () =>
        observer.all('read', call.signal),
      )
      for (const status of statuses) if (matches(selector, status)) yield status
    },
    watch(selector, call) {
      const options = {
        busy: parts.pollBusy ?? 500,
        quiet: parts.pollQuiet ?? 3000,
        random: parts.random ?? Math.random,
        clock,
      }
      const signal = AbortSignal.any([call.signal, closed.signal])
      return watchApps(engine, observer, options, selector, { ...call, signal })
    },

    scale: (id, replicas, call) =>
      changing('scale', id, call, () => lifecycle.scale(context, id, replicas, call)),
    restart: (id, call) =>
      changing('restart', id, call, () => lifecycle.restart(context, id, call)),
    suspend: (id, call) =>
      changing('suspend', id, call, () => lifecycle.suspend(context, id, call)),
    resume: (id, call) => changing('resume', id, call, () => lifecycle.resume(context, id, call)),
    rollback: (id, revision, call) =>
      changing('roll back', id, call, () => lifecycle.rollback(context, id, revision, call)),

    logs: (id, options, call) =>
      toldEach(`read the logs of ${id}`, id, call, async function* () {
        const service = await lifecycle.existing(context, id, call)
        yield* readLogs(engine, clock, service, id, options, call)
      }),
    exec: (id, command, options, call) =>
      told(`run a command in ${id}`, id, call, async () => {
        const service = await lifecycle.existing(context, id, call)
        return execute(engine, service, id, command, options, call)
      }),
    nodes: (call) => told('list the nodes', undefined, call, () => listNodes(engine, call.signal)),
    explain: (id, call) =>
      told(`explain ${id}`, id, call, async () => {
        const service = await lifecycle.existing(context, id, call)
        return explainPlacement(engine, service, clock.now(), call.signal)
      }),
    putSecret: (material, call) =>
      told(`put the secret ${material.name}`, undefined, call, () =>
        put(engine, secretShelf(engine), material, call),
      ),
    putConfig: (material, call) =>
      told(`put the config ${material.name}`, undefined, call, () =>
        put(engine, configShelf(engine), material, call),
      ),
    async [Symbol.asyncDispose]() {
      closed.abort(
        new IntermodalError('UNAVAILABLE', 'the adapter was disposed of', { retryable: false }),
      )
      await parts.close()
    },
  }
}

async function put(
  engine: Engine,
  shelf: ReturnType<typeof secretShelf>,
  material: Parameters<typeof putMaterial>[1],
  { signal }: Call,
): Promise<boolean> {
  const changed = await putMaterial(shelf, material, signal)
  if (changed) await collectMaterial(engine, shelf, [material.name], signal)
  return changed
}
