import type { Marathon } from '../marathon.ts'
import { type PathId, parentOf } from '../normal/paths.ts'
import type { GroupSpec, Root } from '../store/root.ts'
import { appJson } from './app.ts'
import { appInfo, type Embed } from './app-info.ts'
import { podStatus } from './pod-status.ts'

export interface GroupEmbeds {
  readonly groups: boolean
  readonly apps: boolean
  readonly pods: boolean
  /** Of the apps. Absent: their definitions alone. */
  readonly app?: ReadonlySet<Embed> | undefined
}

const NO_GROUP: GroupSpec = { dependencies: [] }

/** A group with what is in it, as deep as asked for. */
export function groupJson(marathon: Marathon, root: Root, id: PathId, embeds: GroupEmbeds): object {
  const { dialect } = marathon
  const group = root.groups.get(id) ?? { ...NO_GROUP, dependencies: root.dependencies }
  const inside = [...root.specs.values()].filter((spec) => parentOf(spec.id) === id)
  const apps = inside.flatMap((spec) => (spec.kind === 'app' ? [spec] : []))
  const pods = inside.flatMap((spec) => (spec.kind === 'pod' ? [spec] : []))
  const groups = [...root.groups.keys()].filter((path) => parentOf(path) === id)
  return {
    id,
    dependencies: group.dependencies,
    version: root.version,
    ...(embeds.apps
      ? {
          apps: apps.map((spec) =>
            embeds.app ? appInfo(marathon, spec, embeds.app) : appJson(spec, dialect),
          ),
        }
      : {}),
    ...(embeds.pods && dialect.since('1.4')
      ? { pods: pods.map((spec) => podStatus(marathon, spec)) }
      : {}),
    ...(embeds.groups
      ? { groups: groups.map((path) => groupJson(marathon, root, path, embeds)) }
      : {}),
    ...(dialect.since('1.9') && id !== '/' && parentOf(id) === '/'
      ? { enforceRole: group.enforceRole ?? false }
      : {}),
  }
}
