import type { Material } from '../adapter.ts'
import { InvalidAppError, isApp, safeDefine } from './define.ts'
import { type AppId, isAppId } from './id.ts'
import type { Issue } from './issues.ts'
import type { App, AppInput } from './schema.ts'

/** What several apps in one place are written as: ids are made of the group and each key. */
export interface GroupInput {
  /** `/shop`. */
  readonly group: AppId
  readonly apps: Readonly<Record<string, Omit<AppInput, 'id'>>>
  /** Secrets to create or replace before the apps: a text, or several by key. */
  readonly secrets?: Readonly<Record<string, Material['data']>>
  readonly configs?: Readonly<Record<string, Material['data']>>
}

/** Apps that are deployed together, in an order in which every dependency comes first. */
export interface Group {
  readonly apps: readonly App[]
  readonly secrets: readonly Material[]
  readonly configs: readonly Material[]
}

/**
 * Checks several apps as a whole: each by itself, then duplicate ids, unknown dependencies within their groups, and
 * cycles. Throws `APP_INVALID` naming every wrong place in every app; the paths start with the app's id.
 */
export function defineGroup(input: GroupInput | readonly (AppInput | App)[]): Group {
  if (isList(input))
    return checkGroup(
      input.map((app) => ({ at: undefined, app })),
      [],
      [],
    )
  if (!isAppId(input.group)) {
    throw new InvalidAppError('the group', [
      { path: '/group', message: 'needs a path of lower-case names such as "/shop"' },
    ])
  }
  const apps = Object.entries(input.apps).map(([name, app]) => ({
    at: `/apps/${name}`,
    app: { ...app, id: `${input.group}/${name}` },
  }))
  return checkGroup(apps, materials(input.secrets), materials(input.configs))
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
    const where = at ?? (isAppId(String(input?.id)) ? String(input.id) : `/${index}`)
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
