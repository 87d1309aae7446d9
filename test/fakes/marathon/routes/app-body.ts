import { invalid, notValid } from '../errors.ts'
import type { Marathon } from '../marathon.ts'
import { complete } from '../normal/app.ts'
import { migrate } from '../normal/migrate.ts'
import { absolute, type PathId } from '../normal/paths.ts'
import { appRules, updateRules } from '../rules/app.ts'
import type { AppBody } from '../schema/app.ts'
import type { AppSpec, Draft } from '../store/root.ts'

/** Fields that are lost when an update leaves them out: a fault of Marathon's, kept. */
const FORGOTTEN = ['executorResources', 'resourceLimits'] as const

/** A whole definition as it is to be stored. Throws Marathon's refusal when it is not valid. */
export function newApp(marathon: Marathon, body: AppBody, base: PathId = '/', at = ''): AppSpec {
  const id = absolute(body.id ?? '', base)
  return defined(marathon, withAbsoluteDependencies(written(marathon, body, at), base), id, at)
}

/** A body in today's form. */
function written({ dialect }: Marathon, body: AppBody, at = ''): AppBody {
  if (!dialect.old) requireBoth(body.upgradeStrategy, at)
  return migrate(body, dialect)
}

function defined(marathon: Marathon, body: AppBody, id: PathId, at = ''): AppSpec {
  const { setup, features } = marathon
  const definition = complete(body, id, setup)
  appRules(definition, { setup, features }, at)
  return { kind: 'app', id, definition, version: '', lastScalingAt: '', lastConfigChangeAt: '' }
}

/** Before 1.5 what is left out of the strategy has a default. */
function requireBoth(strategy: AppBody['upgradeStrategy'], at: string): void {
  if (!strategy) return
  for (const field of ['minimumHealthCapacity', 'maximumOverCapacity'] as const) {
    if (strategy[field] !== undefined) continue
    const path = `${at}/upgradeStrategy/${field}`
    throw invalid('Invalid JSON', [{ path, error: 'error.path.missing' }])
  }
}

function withAbsoluteDependencies(body: AppBody, base: PathId): AppBody {
  return body.dependencies
    ? { ...body, dependencies: body.dependencies.map((path) => absolute(path, base)) }
    : body
}

export interface UpdateOptions {
  /** What is left out stays as it is. */
  readonly partial: boolean
  /** Only apps that exist. */
  readonly existing?: boolean
}

/** Puts one app of an update into the draft. Whole top-level fields replace each other; nothing can be unset by it. */
export function putApp(
  marathon: Marathon,
  draft: Draft,
  id: PathId,
  body: AppBody,
  { partial }: UpdateOptions,
): void {
  const before = draft.specs.get(id)
  const known = before?.kind === 'app' ? before : undefined
  if (body.version !== undefined) {
    const others = Object.keys(body).filter((key) => key !== 'version' && key !== 'id')
    if (others.length > 0)
      throw notValid('/', "The 'version' field may only be combined with the 'id' field.")
    draft.specs.set(id, storedVersion(marathon, id, body.version))
    return
  }
  const next =
    known && partial
      ? defined(marathon, merge(marathon, known, body), id)
      : newApp(marathon, { ...body, id })
  if (known) updateRules(known.definition, next.definition)
  draft.specs.set(id, next)
}

/** Going back: the definition of then, made anew. */
function storedVersion(marathon: Marathon, id: PathId, version: string): AppSpec {
  const wanted = Date.parse(version)
  const found = marathon.store
    .versions(id)
    .find((spec) => spec.kind === 'app' && Date.parse(spec.version) === wanted)
  if (found?.kind !== 'app')
    throw notValid('/version', `The version ${version} of ${id} does not exist`)
  return { ...found }
}

function merge(marathon: Marathon, { definition }: AppSpec, body: AppBody): AppBody {
  const update = withAbsoluteDependencies(written(marathon, body), '/')
  const kept: AppBody = { ...definition }
  for (const field of FORGOTTEN) delete kept[field]
  const networkChanges = update.networks !== undefined
  // Ports belong to the network they were written for.
  if (networkChanges && !update.portDefinitions) delete kept.portDefinitions
  if (update.cmd !== undefined) delete kept.args
  if (update.args !== undefined) delete kept.cmd
  return { ...kept, ...update }
}
