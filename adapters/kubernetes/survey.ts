import { type App, IntermodalError } from 'intermodal'
import type { Api } from './api.ts'
import { PARTS, type Resource, WORKLOADS } from './kinds.ts'
import { isManaged } from './labels.ts'
import { SHORT_NAME } from './marks.ts'
import { foreignError, isOwn, KINDS, ownSelector } from './ownership.ts'
import { fingerprint, missingKeys, type Reference, referencesOf } from './references.ts'
import { ImmutableFields } from './refusal.ts'
import type { KubernetesObject } from './wire.ts'

/** One object an app wants, where it goes, and what is there now. */
export interface Wanted {
  readonly object: KubernetesObject
  readonly resource: Resource
  readonly live: KubernetesObject | undefined
}

export interface Survey {
  /** The workload first. */
  readonly wanted: readonly [Wanted, ...Wanted[]]
  /** What was made for the app before, of any kind that could be rendered no more. */
  readonly parts: readonly Part[]
  /** Fingerprints of the Secrets and ConfigMaps whose content the pods read, by `Secret/name`. */
  readonly material: ReadonlyMap<string, string>
}

export interface Part {
  readonly object: KubernetesObject
  readonly resource: Resource
}

/** Everything a decision is taken on. Throws what makes it impossible: nothing has been written yet. */
export async function survey(
  api: Api,
  app: App,
  rendered: readonly KubernetesObject[],
  force: boolean,
  signal: AbortSignal,
): Promise<Survey> {
  const looked = Promise.all(rendered.map((object) => lookAt(api, object, signal)))
  const [workload] = rendered as [KubernetesObject]
  const [found, material] = await Promise.all([
    looked,
    readMaterial(api, app, referencesOf(workload, rendered), signal),
  ])
  const wanted = found.filter(({ object, live }) => !isTakenShortName(app, object, live))
  for (const { live } of wanted)
    if (live && !force && !isOwn(live, app.id)) throw foreignError(app.id, live)
  const [first] = wanted as [Wanted, ...Wanted[]]
  if (first.live?.metadata.deletionTimestamp != null) throw leaving(app, first)
  if (!first.live) await refuseOtherKind(api, app, first, force, signal)
  const parts = first.live ? await partsOf(api, first.live, signal) : []
  return { wanted: wanted as [Wanted, ...Wanted[]], parts, material }
}

async function lookAt(api: Api, object: KubernetesObject, signal: AbortSignal): Promise<Wanted> {
  const { apiVersion = 'v1', kind = '', metadata } = object
  const resource = await api.resource(apiVersion, kind, signal)
  const live = await api.get(resource, metadata.name ?? '', signal)
  return { object, resource, live: live && { ...live, apiVersion, kind } }
}

function leaving(app: App, { resource }: Wanted): IntermodalError {
  return new IntermodalError(
    'CONFLICT',
    `${app.id} is being removed: its ${resource.kind} is not gone yet`,
    {
      app: app.id,
      remedy: 'wait until it is gone, then apply it again',
    },
  )
}

/** A name that is only a convenience is left to whoever has it. */
function isTakenShortName(
  app: App,
  { metadata }: KubernetesObject,
  live: KubernetesObject | undefined,
): boolean {
  return metadata.annotations?.[SHORT_NAME] !== undefined && !!live && !isOwn(live, app.id)
}

/** An app of ours may be there as another kind; somebody else's of that name would share its pods' selector. */
async function refuseOtherKind(
  api: Api,
  app: App,
  { object, resource }: Wanted,
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  const name = object.metadata.name ?? ''
  const others = WORKLOADS.filter(({ kind }) => kind !== resource.kind)
  const found = await Promise.all(
    others.map(async (other) => {
      const live = await api.get(other, name, signal)
      return live && { ...live, kind: other.kind }
    }),
  )
  for (const live of found) {
    if (!live) continue
    if (!isOwn(live, app.id)) {
      if (isManaged(live) || !force) throw foreignError(app.id, live)
      continue
    }
    throw new IntermodalError(
      'UNSUPPORTED',
      `${app.id} is live as a ${live.kind}, and Kubernetes cannot make it a ${resource.kind}`,
      {
        app: app.id,
        cause: new ImmutableFields(['/kind']),
        remedy: 'remove it and make it anew (replace)',
      },
    )
  }
}

/** Everything made for an app, besides its workload. */
export async function partsOf(
  api: Api,
  workload: KubernetesObject,
  signal: AbortSignal,
): Promise<readonly Part[]> {
  const { name = '', annotations = {} } = workload.metadata
  return listParts(api, name, annotations[KINDS], signal)
}

export async function listParts(
  api: Api,
  name: string,
  kinds: string | undefined,
  signal: AbortSignal,
): Promise<readonly Part[]> {
  const further = await Promise.all(
    (kinds?.split(' ') ?? []).map((text) => {
      const at = text.lastIndexOf('/')
      return api.resource(text.slice(0, at), text.slice(at + 1), signal)
    }),
  )
  const lists = [...further, ...PARTS].map(async (resource) => {
    const { items } = await api.list(resource, { labelSelector: ownSelector(name) }, signal)
    const { apiVersion, kind } = resource
    return items.map((object) => ({ object: { ...object, apiVersion, kind }, resource }))
  })
  return (await Promise.all(lists)).flat()
}

/** Throws `APP_INVALID` for what the cluster does not have. */
async function readMaterial(
  api: Api,
  app: App,
  references: readonly Reference[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    references.map(async (reference) => {
      const resource = await api.resource('v1', reference.kind, signal)
      return { reference, object: await api.get(resource, reference.name, signal) }
    }),
  )
  const missing = found.flatMap(({ reference, object }) => {
    const what = `${reference.kind === 'Secret' ? 'secret' : 'config'} "${reference.name}"`
    if (!object) return [`no ${what}`]
    const keys = missingKeys(reference, object)
    return keys.length > 0 ? [`no ${keys.map((key) => `"${key}"`).join(', ')} in the ${what}`] : []
  })
  if (missing.length > 0) {
    throw new IntermodalError(
      'APP_INVALID',
      `${app.id} needs what is not there: ${missing.join('; ')}`,
      {
        app: app.id,
        remedy: 'put it into the cluster first, or correct its name or key',
      },
    )
  }
  return new Map(
    found.flatMap(({ reference: { kind, name, content }, object }) =>
      content && object ? [[`${kind}/${name}`, fingerprint(object)] as const] : [],
    ),
  )
}
