import { z } from 'zod'
import type { Material } from '../adapter.ts'
import { nameSchema } from './container.ts'
import { InvalidAppError, isApp, safeDefine, writtenId } from './define.ts'
import { hostileIssues } from './hostile.ts'
import { type AppId, appIdSchema } from './id.ts'
import { explainIssue, type Issue, toIssues } from './issues.ts'
import { once } from './named.ts'
import { toPointer } from './pointer.ts'
import type { App, AppInput } from './schema.ts'

const materialsSchema = once(() =>
  z
    .record(
      nameSchema(),
      z.union([z.string(), z.record(z.string().min(1), z.string())], {
        error: 'needs a text, or a map from keys to texts',
      }),
    )
    .optional(),
)

const envelope = once(() =>
  z.strictObject({
    $schema: z.string().optional(),
    group: appIdSchema(),
    apps: z.record(z.string(), z.record(z.string(), z.unknown())),
    secrets: materialsSchema(),
    configs: materialsSchema(),
  }),
)

/** What several apps in one place are written as: ids are made of the group and each key. */
export interface GroupInput {
  /** `/shop`. */
  readonly group: AppId
  readonly apps: Readonly<Record<string, Omit<AppInput, 'id' | '$schema'>>>
  /** Secrets to create or replace before the apps: a text, or several by key. */
  readonly secrets?: Readonly<Record<string, Material['data']>> | undefined
  readonly configs?: Readonly<Record<string, Material['data']>> | undefined
}

/** Apps that are deployed together, in an order in which every dependency comes first. */
export interface Group {
  readonly apps: readonly App[]
  readonly secrets: readonly Material[]
  readonly configs: readonly Material[]
}

/**
 * Checks several apps as a whole: each by itself, then duplicate ids, cycles, and waits for the completion of what never
 * completes. Throws `APP_INVALID` naming every wrong place in every app; the paths start with the app's id, or where
 * it stands in the group. A dependency that is not among the apps has to be live on the cluster. A `Group` is returned
 * as it is.
 */
export function defineGroup(input: GroupInput | Group | readonly (AppInput | App)[]): Group {
  if (isGroup(input)) return input
  if (isList(input))
    return checkGroup(
      input.map((app) => ({ at: undefined, app })),
      [],
      [],
    )
  const issues = envelopeIssues(input)
  if (issues.length > 0) throw new InvalidAppError('the group', issues)
  const apps = Object.entries(input.apps).map(([name, app]) => ({
    at: toPointer(['apps', name]),
    app: { ...app, id: `${input.group}/${name}` },
  }))
  return checkGroup(apps, materials(input.secrets), materials(input.configs))
}

/** What is wrong around the apps. Their own fields are looked at later, each app by itself. */
function envelopeIssues(input: unknown): readonly Issue[] {
  const hostile = hostileIssues(input)
  if (hostile.length > 0) return hostile
  const result = z.safeParse(envelope(), input, { error: explainIssue, reportInput: true })
  if (!result.success) return result.error.issues.flatMap(toIssues)
  return Object.entries(result.data.apps).flatMap(([name, app]) =>
    ['id', '$schema']
      .filter((key) => Object.hasOwn(app, key))
      .map((key) => ({
        path: toPointer(['apps', name]),
        message: `has an unknown key "${key}": the id is ${result.data.group}/${name}, by its place in the group`,
        key,
      })),
  )
}

function isGroup(input: GroupInput | Group | readonly unknown[]): input is Group {
  const { apps, secrets } = (input ?? {}) as Partial<Group>
  return Array.isArray(secrets) && Array.isArray(apps) && apps.every(isApp)
}

function isList(input: GroupInput | readonly unknown[]): input is readonly (AppInput | App)[] {
  return Array.isArray(input)
}

function materials(source: GroupInput['secrets'] = {}): Material[] {
  return Object.entries(source).map(([name, data]) => ({ name, data }))
}

function checkGroup(
  entries: readonly { readonly at: string | undefined; readonly app: AppInput | App }[],
  secrets: readonly Material[],
  configs: readonly Material[],
): Group {
  const issues: Issue[] = []
  const apps = new Map<AppId, App>()
  for (const [index, { at, app: input }] of entries.entries()) {
    const result = isApp(input) ? { app: input } : safeDefine(input)
    const where = at ?? writtenId(input) ?? `/${index}`
    if ('issues' in result) {
      issues.push(
        ...result.issues.map(({ path, message }) => ({ path: `${where}${path}`, message })),
      )
    } else if (apps.has(result.app.id)) {
      issues.push({ path: where, message: `is a second app with the id ${result.app.id}` })
    } else {
      apps.set(result.app.id, result.app)
    }
  }
  if (issues.length === 0) issues.push(...dependencyIssues(apps))
  if (issues.length > 0) {
    throw new InvalidAppError(
      entries.length === 1 ? 'the app' : `one of the ${entries.length} apps`,
      issues,
    )
  }
  return { apps: deployOrder(apps), secrets, configs }
}

function* dependencyIssues(apps: ReadonlyMap<AppId, App>): Generator<Issue> {
  const cycle = findCycle(apps)
  if (cycle) {
    yield { path: `${cycle[0]}/dependsOn`, message: `is a cycle: ${cycle.join(' needs ')}` }
  }
  for (const app of apps.values()) {
    for (const [id, condition] of Object.entries(app.dependsOn) as [AppId, string][]) {
      const target = apps.get(id)
      if (condition === 'completed' && target && target.kind !== 'job') {
        yield {
          path: `${app.id}/dependsOn`,
          message: `waits for ${id} to be "completed", but it is a ${target.kind}, not a job`,
        }
      }
    }
  }
}

function findCycle(apps: ReadonlyMap<AppId, App>): readonly AppId[] | undefined {
  const done = new Set<AppId>()
  const visit = (id: AppId, path: readonly AppId[]): readonly AppId[] | undefined => {
    const start = path.indexOf(id)
    if (start >= 0) return [...path.slice(start), id]
    if (done.has(id)) return undefined
    done.add(id)
    for (const next of dependenciesOf(apps, id)) {
      const cycle = visit(next, [...path, id])
      if (cycle) return cycle
    }
    return undefined
  }
  for (const id of apps.keys()) {
    const cycle = visit(id, [])
    if (cycle) return cycle
  }
  return undefined
}

/** Those within the group; one that is not in it has to be live on the cluster already. */
function dependenciesOf(apps: ReadonlyMap<AppId, App>, id: AppId): AppId[] {
  return (Object.keys(apps.get(id)?.dependsOn ?? {}) as AppId[]).filter((next) => apps.has(next))
}

/** Every app after those it depends on, otherwise as written. */
function deployOrder(apps: ReadonlyMap<AppId, App>): App[] {
  const ordered = new Map<AppId, App>()
  const visit = (app: App): void => {
    for (const id of dependenciesOf(apps, app.id)) {
      const next = apps.get(id)
      if (next && !ordered.has(id)) visit(next)
    }
    ordered.set(app.id, app)
  }
  for (const app of apps.values()) if (!ordered.has(app.id)) visit(app)
  return [...ordered.values()]
}
