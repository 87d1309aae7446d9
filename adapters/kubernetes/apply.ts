import { randomUUID } from 'node:crypto'
import { type App, type AppId, type ChangeCall, IntermodalError, type Revision } from 'intermodal'
import { adopt } from './adopt.ts'
import type { Api } from './api.ts'
import { isAmbiguous, isNotFound, isStatus } from './api-error.ts'
import { decide } from './decide.ts'
import { orderOf } from './kinds.ts'
import { OP } from './marks.ts'
import type { TranslateOptions } from './options.ts'
import { isOwn } from './ownership.ts'
import { type Json, same } from './patch.ts'
import { prune, unwanted } from './prune.ts'
import { explainRefusal, isOwnConflict, partlyWritten } from './refusal.ts'
import { revisionFrom } from './revision.ts'
import { survey, type Wanted } from './survey.ts'
import { translate } from './translate.ts'
import type { KubernetesObject } from './wire.ts'

export interface ApplyContext {
  readonly api: Api
  readonly options: TranslateOptions
}

const ATTEMPTS = 5

/**
 * Everything is asked of the server first, as a dry run: nothing is written when a part of it would be refused, nor when
 * the cluster has exactly this.
 */
export async function applyApp(
  context: ApplyContext,
  app: App,
  call: ChangeCall,
): Promise<Revision> {
  const { api } = context
  const { signal } = call
  const { run, found, decided, outcomes } = await rehearse(context, app, call)
  const changed = decided.filter((_, index) => outcomes[index] !== 'same')
  const leftovers = await unwanted(api, decided, found.parts, signal)
  const [workload] = decided
  if (changed.length === 0 && leftovers.length === 0 && workload.live)
    return revisionFrom(app.id, workload.live, false)
  const replaced = outcomes[0] === 'replace' ? workload : undefined
  const last = await run.write(changed, replaced)
  await prune(api, leftovers, signal)
  return revisionFrom(app.id, last ?? (workload.live as KubernetesObject), true)
}

/** Throws what the server would refuse. */
export async function rehearse({ api, options }: ApplyContext, app: App, call: ChangeCall) {
  const { objects } = translate(app, options).native
  const found = await survey(api, app, objects, call.force, call.signal)
  const decided = decide(app, found)
  const run = new Run(api, app, decided[0], call)
  const outcomes = await Promise.all(decided.map((wanted) => run.rehearse(wanted)))
  return { run, found, decided, outcomes }
}

type Outcome = 'same' | 'change' | 'replace'

class Run {
  readonly #api: Api
  readonly #app: App
  readonly #workload: Wanted
  readonly #force: boolean
  readonly #signal: AbortSignal

  constructor(api: Api, app: App, workload: Wanted, { force, signal }: ChangeCall) {
    this.#api = api
    this.#app = app
    this.#workload = workload
    this.#force = force
    this.#signal = signal
  }

  /** What the server would make of an object. Throws what it would refuse. */
  async rehearse(wanted: Wanted): Promise<Outcome> {
    const { object, live } = wanted
    try {
      const after = await this.#send(object, wanted, true)
      return live && sameObject(live, after) ? 'same' : 'change'
    } catch (error) {
      if (object.kind === 'Job' && live && isStatus(error, 422)) return this.#rehearseJob(wanted)
      throw explainRefusal(error, this.#app, wanted)
    }
  }

  /** Writes in order. The workload as it is then, when it is among them. */
  async write(
    changed: readonly Wanted[],
    replaced: Wanted | undefined,
  ): Promise<KubernetesObject | undefined> {
    const steps = [...Map.groupBy(changed, ({ resource }) => orderOf(resource.kind))]
    const written: Wanted[] = []
    let workload: KubernetesObject | undefined
    try {
      for (const [, step] of steps.sort(([a], [b]) => a - b)) {
        await Promise.all(
          step.map(async (wanted) => {
            if (wanted === replaced) await this.#removeJob(wanted)
            if (wanted !== this.#workload) await this.#writePart(wanted)
            else workload = await this.#writeWorkload(wanted === replaced ? anew(wanted) : wanted)
            written.push(wanted)
          }),
        )
      }
      return workload
    } catch (error) {
      this.#signal.throwIfAborted()
      throw partlyWritten(error, this.#app, written)
    }
  }

  /** A job cannot be changed: another one takes its place. Whether it would be taken is asked under another name. */
  async #rehearseJob(wanted: Wanted): Promise<Outcome> {
    const { metadata, ...rest } = wanted.object
    const name = `${metadata.name}-next`
    try {
      await this.#send({ ...rest, metadata: { ...metadata, name } }, wanted, true)
      return 'replace'
    } catch (error) {
      throw explainRefusal(error, this.#app, wanted)
    }
  }

  async #removeJob({ resource, live }: Wanted): Promise<void> {
    if (live) await this.#api.remove(resource, live, 'Background', this.#signal)
  }

  async #writePart(wanted: Wanted): Promise<KubernetesObject> {
    const { resource, object } = wanted
    const live = await this.#taken(wanted)
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(object, { ...wanted, live }, false)
      } catch (error) {
        this.#signal.throwIfAborted()
        // The same apply twice is the same as once.
        if (!isAmbiguous(error) || attempt === ATTEMPTS)
          throw explainRefusal(error, this.#app, { ...wanted, resource })
      }
    }
  }

  /**
   * Written on the state it was decided on: a status that moves on meanwhile is no obstacle, another's change is. A write
   * whose answer was lost is looked for by its mark before it is repeated.
   */
  async #writeWorkload(wanted: Wanted): Promise<KubernetesObject> {
    const { resource, object } = wanted
    const op = randomUUID()
    const marked = withAnnotation(object, OP, op)
    const decidedOn = wanted.live
    // An autoscaler may go on counting where the app does not.
    const counted = (object.spec as Json).replicas !== undefined
    let base = await this.#taken(wanted)
    for (let attempt = 1; ; attempt++) {
      const locked = base ? withVersion(marked, base.metadata.resourceVersion) : marked
      try {
        return await this.#send(locked, { ...wanted, live: base }, false)
      } catch (error) {
        this.#signal.throwIfAborted()
        const raced = isStatus(error, 409) && error.refusal?.causes === undefined
        if (!raced && !isAmbiguous(error) && !isNotFound(error))
          throw explainRefusal(error, this.#app, wanted)
        const now = await this.#api.get(resource, object.metadata.name ?? '', this.#signal)
        if (now?.metadata.annotations?.[OP] === op) return { ...now, kind: resource.kind }
        if (!isUntouched(now, decidedOn, counted)) throw changedMeanwhile(this.#app.id)
        if (attempt === ATTEMPTS) throw error
        base = now
      }
    }
  }

  /** What somebody else made is ours from here on, when that was asked for. A controller may go on writing meanwhile. */
  async #taken({ resource, live, object }: Wanted): Promise<KubernetesObject | undefined> {
    if (!live || !this.#force || isOwn(live, this.#app.id)) return live
    for (let attempt = 1, base = live; ; attempt++) {
      try {
        return await adopt(this.#api, resource, base, this.#signal)
      } catch (error) {
        this.#signal.throwIfAborted()
        if (!isStatus(error, 409) || attempt === ATTEMPTS) throw error
        const now = await this.#api.get(resource, object.metadata.name ?? '', this.#signal)
        if (!now || !isUntouched(now, live, false)) throw changedMeanwhile(this.#app.id)
        base = now
      }
    }
  }

  async #send(object: KubernetesObject, { resource }: Wanted, dryRun: boolean) {
    const send = (force: boolean) =>
      this.#api.apply(object, resource, { force, dryRun }, this.#signal)
    try {
      const after = await send(this.#force)
      return { ...after, kind: resource.kind }
    } catch (error) {
      if (!isOwnConflict(error)) throw error
      return { ...(await send(true)), kind: resource.kind }
    }
  }
}

/** As when nothing had been there. */
function anew({ object, resource }: Wanted): Wanted {
  return { object, resource, live: undefined }
}

/** Whether they say the same, whoever said it when. */
export function sameObject(a: KubernetesObject, b: KubernetesObject): boolean {
  return same(wish(a), wish(b))
}

/** Whether nobody but a controller has changed it since. */
export function isUntouched(
  now: KubernetesObject | undefined,
  before: KubernetesObject | undefined,
  counted = true,
): boolean {
  if (!now || !before) return now === before
  const [a, b] = [now, before].map((object) => (counted ? object : withoutCount(object)))
  return same(wish(a as KubernetesObject), wish(b as KubernetesObject))
}

function withoutCount(object: KubernetesObject): KubernetesObject {
  const { replicas: _, ...spec } = (object.spec ?? {}) as Json
  return { ...object, spec }
}

function wish({ metadata, status: _, apiVersion: __, kind: ___, ...rest }: KubernetesObject): Json {
  const { labels, annotations = {}, uid } = metadata
  // A controller counts its revisions here.
  const { 'deployment.kubernetes.io/revision': ____, ...own } = annotations
  return { labels: labels ?? {}, annotations: own, uid, ...rest }
}

export function changedMeanwhile(app: AppId): IntermodalError {
  return new IntermodalError('CONFLICT', `${app} was changed by someone else meanwhile`, {
    app,
    remedy: 'look at what changed (plan), then apply again',
  })
}

export function withAnnotation(
  object: KubernetesObject,
  key: string,
  value: string,
): KubernetesObject {
  const { metadata } = object
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [key]: value } },
  }
}

export function withVersion(
  object: KubernetesObject,
  resourceVersion: string | undefined,
): KubernetesObject {
  if (resourceVersion === undefined) return object
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}
