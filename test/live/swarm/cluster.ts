import {
  type App,
  type AppId,
  type AppInput,
  type AppStatus,
  type ChangeCall,
  defineApp,
} from 'intermodal'
import { type SwarmOptions, swarm } from 'intermodal/swarm'
import { inject } from 'vitest'

export const IMAGE = '127.0.0.1:9/app:1'
export const NEXT_IMAGE = '127.0.0.1:9/app:2'
export const NO_IMAGE = '127.0.0.1:9/app:absent'

export type Swarm = ReturnType<typeof swarm>

/** An adapter on the engine of this run, and what tests ask of it. Apps made through it are removed at the end. */
export function liveCluster(options: SwarmOptions = {}) {
  const adapter = swarm({ host: inject('dockerHost'), ...options })
  const made = new Set<AppId>()
  return {
    adapter,
    async apply(app: App, force = false) {
      made.add(app.id)
      return adapter.apply(app, { ...call(), force })
    },
    /** Polls until the status is as told; the time limit of the test ends it. */
    until: (id: AppId, holds: (status: AppStatus | undefined) => boolean) =>
      until(adapter, id, holds),
    async [Symbol.asyncDispose]() {
      for (const id of made) await adapter.remove(id, call())
      for (const id of made) await until(adapter, id, (status) => status === undefined)
      await adapter[Symbol.asyncDispose]()
    },
  }
}

export async function until(
  adapter: Swarm,
  id: AppId,
  holds: (status: AppStatus | undefined) => boolean,
): Promise<AppStatus> {
  const seen = new AbortController()
  const wanted = { signal: seen.signal, deadline: Number.POSITIVE_INFINITY }
  try {
    for await (const change of adapter.watch({ ids: [id] }, wanted)) {
      if (change.type === 'lost') throw change.error
      const now = await adapter.observe(id, call())
      if (holds(now)) return now as AppStatus
    }
  } finally {
    seen.abort(new Error('seen'))
  }
  throw new Error('the watch ended')
}

export function call(milliseconds = 30_000): ChangeCall {
  const deadline = Date.now() + milliseconds
  return { signal: AbortSignal.timeout(milliseconds), deadline, force: false }
}

/** A small app that is up quickly; what is given goes over it. */
export function webApp(
  id: AppId,
  change: { readonly [K in keyof AppInput]?: AppInput[K] | undefined } = {},
): App {
  return defineApp({
    id,
    image: IMAGE,
    replicas: 2,
    stop: { gracePeriod: '2s' },
    update: { minReadyTime: '500ms', maxSurge: 0, maxUnavailable: '100%' },
    restart: { delay: '500ms' },
    ...change,
  } as AppInput)
}

export const isRunning = (status: AppStatus | undefined) => status?.state === 'running'
