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
import { Api } from './api.ts'
import { type ApplyContext, applyApp } from './apply.ts'
import { CAPABILITIES } from './capabilities.ts'
import { explainError } from './errors.ts'
import { execute } from './exec.ts'
import { explainApp } from './explain.ts'
import { interpret } from './interpret.ts'
import { kill } from './kill.ts'
import * as lifecycle from './lifecycle.ts'
import { readLogs } from './logs.ts'
import { putConfig, putSecret } from './material.ts'
import type { KubernetesNative } from './native.ts'
import { readNative } from './native-read.ts'
import { listNodes } from './nodes.ts'
import type { TranslateOptions } from './options.ts'
import { observeAll, observeOne } from './picture.ts'
import { rehearseApp } from './rehearse.ts'
import { remove } from './remove.ts'
import { rollback } from './rollback.ts'
import { translate } from './translate.ts'
import type { Transport } from './transport.ts'
import { Watches } from './watch.ts'

export interface KubernetesParts {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: () => number
  /** Milliseconds. */
  readonly idle: number
  readonly options: TranslateOptions
}

/** The seam, method by method. Everything that can fail passes through `told` or `toldEach`. */
export function kubernetesAdapter(parts: KubernetesParts): Adapter<KubernetesNative> {
  const { transport, clock, random, idle, options } = parts
  const api = new Api(transport)
  const context: ApplyContext = { api, options }
  const watches = new Watches({ api, clock, random, idle })
  const closed = new AbortController()
  const open = (call: Call): Call => ({
    ...call,
    signal: AbortSignal.any([call.signal, closed.signal]),
  })

  const explained = (error: unknown, doing: string, call: Call, id?: AppId): unknown => {
    if (call.signal.aborted) return call.signal.reason
    return explainError(error, doing, id)
  }
  const told = async <T>(
    doing: string,
    id: AppId | undefined,
    call: Call,
    run: (call: Call) => Promise<T>,
  ) => {
    try {
      call.signal.throwIfAborted()
      return await run(open(call))
    } catch (error) {
      throw explained(error, doing, call, id)
    }
  }
  async function* toldEach<T>(
    doing: string,
    id: AppId | undefined,
    call: Call,
    run: (call: Call) => AsyncIterable<T>,
  ) {
    try {
      call.signal.throwIfAborted()
      yield* run(open(call))
    } catch (error) {
      throw explained(error, doing, call, id)
    }
  }
  const changing = (doing: string, id: AppId, call: Call, run: (call: Call) => Promise<Revision>) =>
    told(`${doing} ${id}`, id, call, run)

  return {
    seam: SEAM,
    kind: 'kubernetes',
    capabilities: CAPABILITIES,
    clock,
    translate: (app) => translate(app, options),
    interpret: (native) => interpret(native, options),

    apply: (app, call) =>
      changing('apply', app.id, call, (own) => applyApp(context, app, { ...call, ...own })),
    remove: (id, call) => told(`remove ${id}`, id, call, (own) => remove(api, id, own)),
    observe: (id, call) =>
      told(`observe ${id}`, id, call, ({ signal }) => observeOne(api, clock, id, signal)),
    read: (id, call) => told(`read ${id}`, id, call, ({ signal }) => readNative(api, id, signal)),
    async *list(selector, call) {
      const statuses = await told('list the apps', undefined, call, ({ signal }) =>
        observeAll(api, clock, signal),
      )
      for (const status of statuses) if (matches(selector, status)) yield status
    },
    watch: (selector, call) =>
      toldEach('watch the apps', undefined, call, (own) => watches.watch(selector, own)),

    scale: (id, replicas, call) =>
      changing('scale', id, call, (own) => lifecycle.scale(api, id, replicas, own)),
    restart: (id, call) =>
      changing('restart', id, call, (own) => lifecycle.restart(api, clock, id, own)),
    suspend: (id, call) => changing('suspend', id, call, (own) => lifecycle.suspend(api, id, own)),
    resume: (id, call) => changing('resume', id, call, (own) => lifecycle.resume(api, id, own)),
    pause: (id, call) => changing('pause', id, call, (own) => lifecycle.pause(api, id, own)),
    rollback: (id, revision, call) =>
      changing('roll back', id, call, (own) => rollback(api, id, revision, own)),
    kill: (id, instance, call) =>
      told(`end ${instance} of ${id}`, id, call, (own) => kill(api, id, instance, own)),

    logs: (id, logs, call) =>
      toldEach(`read the logs of ${id}`, id, call, (own) =>
        readLogs({ api, clock, random, idle }, id, logs, own),
      ),
    exec: (id, command, exec, call) =>
      told(`run a command in ${id}`, id, call, (own) => execute(api, id, command, exec, own)),
    nodes: (call) =>
      told('list the nodes', undefined, call, ({ signal }) => listNodes(api, signal)),
    explain: (id, call) =>
      told(`explain ${id}`, id, call, (own) => explainApp(api, clock, id, own)),
    rehearse: (app, call) =>
      told(`rehearse ${app.id}`, app.id, call, (own) =>
        rehearseApp(context, app, { ...call, ...own }),
      ),
    putSecret: (material, call) =>
      told(`put the secret ${material.name}`, undefined, call, ({ signal }) =>
        putSecret(api, material, signal),
      ),
    putConfig: (material, call) =>
      told(`put the config ${material.name}`, undefined, call, ({ signal }) =>
        putConfig(api, material, signal),
      ),
    async [Symbol.asyncDispose]() {
      closed.abort(
        new IntermodalError('UNAVAILABLE', 'the adapter was disposed of', { retryable: false }),
      )
      watches.close()
      transport.close()
    },
  }
}
