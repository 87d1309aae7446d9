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
import type { Marathon } from './api.ts'
import { type ApplyContext, applyApp, definitionOf } from './apply.ts'
import { capabilities } from './capabilities.ts'
import { explainError } from './errors.ts'
import { interpret } from './interpret.ts'
import * as lifecycle from './lifecycle.ts'
import { withoutReadOnly } from './modern.ts'
import { isPod, type MarathonNative } from './native.ts'
import { Observer } from './observer.ts'
import type { SecretStore } from './secret-store.ts'
import { Translations } from './translations.ts'
import { watchApps } from './watch.ts'
import type { AppDefinition } from './wire.ts'

export interface MarathonParts {
  readonly marathon: Marathon
  readonly secrets: SecretStore | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly version: string | undefined
  readonly whenLocked: 'refuse' | 'wait'
  readonly maxDeployments: number
  readonly pollBusy: number
  readonly pollQuiet: number
}

/** The seam, method by method. Everything that can fail passes through `told`. */
export function marathonAdapter(parts: MarathonParts): Adapter<MarathonNative> {
  const { marathon, clock, secrets } = parts
  const observer = new Observer(marathon, clock)
  const translations = new Translations()
  const context: ApplyContext = { ...parts, observer, translations }
  const closed = new AbortController()

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
      if (call.signal.aborted) throw call.signal.reason
      throw explainError(error, doing, id)
    }
  }
  const changing = (doing: string, id: AppId, call: Call, run: () => Promise<Revision>) =>
    told(`${doing} ${id}`, id, call, run)

  return {
    seam: SEAM,
    kind: 'marathon',
    capabilities: capabilities(secrets !== undefined),
    clock,
    translate: (app) => translations.of(app, { version: parts.version ?? marathon.version }),
    interpret: (native) => interpret(native),

    apply: (app, call) => changing('apply', app.id, call, () => applyApp(context, app, call)),
    remove: (id, call) => told(`remove ${id}`, id, call, () => lifecycle.remove(context, id, call)),
    observe: (id, call) => told(`observe ${id}`, id, call, () => observer.one(id, call.signal)),
    read: (id, call) =>
      told(`read ${id}`, id, call, async () => {
        const live = await observer.live(id, call.signal)
        return live && readable(definitionOf(live))
      }),
    async *list(selector, call) {
      const statuses = await told('list the apps', undefined, call, () =>
        observer.all('read', call.signal),
      )
      for (const status of statuses) if (matches(selector, status)) yield status
    },
    watch(selector, call) {
      const options = { busy: parts.pollBusy, quiet: parts.pollQuiet, clock, random: parts.random }
      const signal = AbortSignal.any([call.signal, closed.signal])
      return watchApps(marathon, observer, options, selector, { ...call, signal })
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
    kill: (id, instance, call) =>
      told(`kill an instance of ${id}`, id, call, () =>
        lifecycle.kill(context, id, instance, call),
      ),
    explain: (id, call) =>
      told(`explain ${id}`, id, call, () => lifecycle.explain(context, id, call)),
    ...(secrets
      ? {
          putSecret: (material, call) =>
            told(`put the secret ${material.name}`, undefined, call, () =>
              secrets.put('secret', material, call.signal),
            ),
          putConfig: (material, call) =>
            told(`put the config ${material.name}`, undefined, call, () =>
              secrets.put('config', material, call.signal),
            ),
        }
      : {}),
    async [Symbol.asyncDispose]() {
      closed.abort(disposed(marathon.at))
      await marathon.close()
    },
  }
}

function disposed(at: string): IntermodalError {
  return new IntermodalError('UNAVAILABLE', `the adapter for ${at} was disposed of`, {
    retryable: false,
    remedy: 'make a new one',
  })
}

/**
 * A server before 1.5 tells some things twice, in forms that exclude each other when they are written, and one that means
 * nothing while it is empty.
 */
function readable(native: MarathonNative): MarathonNative {
  const plain = withoutReadOnly(native)
  if (isPod(plain)) return plain
  const {
    ports,
    uris,
    storeUrls,
    ...app
  }: AppDefinition & {
    readonly storeUrls?: readonly string[]
  } = plain
  return {
    ...app,
    ...(storeUrls?.length ? { storeUrls } : {}),
    ...(app.portDefinitions || !ports ? {} : { ports }),
    ...(app.fetch || !uris ? {} : { uris }),
  }
}
