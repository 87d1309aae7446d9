import { contentHash } from 'intermodal'
import { canonicalTask } from './canonical.ts'
import { isManaged, REVISION } from './labels.ts'
import { same } from './patch.ts'
import type { Service, ServiceSpec, Task, TaskTemplate } from './wire.ts'

/** What the newest instances are made from: our label's name for it, or a hash for services of others. */
export function revisionOfSpec(spec: ServiceSpec): string {
  const label = isManaged(spec) ? spec.Labels?.[REVISION] : undefined
  return label ?? contentHash(template(spec))
}

/**
 * The revision of each task. A task made from the service's present template has the service's; an older one has that
 * of its own label, marked when it has the same name and yet differs: a restart, a rotated secret, a change by hand.
 */
export function taskRevisions(service: Service): (task: Task) => string {
  const { Spec } = service
  const current = revisionOfSpec(Spec)
  const managed = isManaged(Spec)
  const raw = sent(Spec.TaskTemplate)
  // Tasks of one service have few different templates, and JSON comes as a new object for each.
  const known = new Map<string, string>()
  let wanted: unknown
  return (task) => {
    if (same(sent(task.Spec), raw)) return current
    const text = JSON.stringify(task.Spec)
    const before = known.get(text)
    if (before !== undefined) return before
    wanted ??= template(Spec)
    const found = dirtyPart(task.Spec, isJob(Spec))
    const revision = same(found, wanted) ? current : outdated(task.Spec, found)
    known.set(text, revision)
    return revision
  }

  function outdated(spec: TaskTemplate, found: unknown): string {
    const label = managed ? spec.ContainerSpec?.Labels?.[REVISION] : undefined
    if (label === undefined) return contentHash(found)
    return label === current ? `${label}~${contentHash(found).slice(0, 4)}` : label
  }
}

/** As it was sent, or nearly: a cheap first look, which most tasks pass. */
function sent({ Runtime: _, ...rest }: TaskTemplate): unknown {
  return rest
}

export function isJob({ Mode }: ServiceSpec): boolean {
  return (Mode?.ReplicatedJob ?? Mode?.GlobalJob) !== undefined
}

function template(spec: ServiceSpec): unknown {
  const task = spec.TaskTemplate
  return dirtyPart(
    spec.Networks && !task.Networks ? { ...task, Networks: spec.Networks } : task,
    isJob(spec),
  )
}

// Swarm leaves a task alone when only placement changed and its node still fits; the counter of forced updates and the
// labels of ours count here, unlike in the canonical form.
function dirtyPart(template: TaskTemplate, job: boolean): unknown {
  const { Placement: _, ...rest } = canonicalTask(template, job)
  return {
    ...rest,
    forced: template.ForceUpdate ?? 0,
    secrets: template.ContainerSpec?.Secrets?.map(({ SecretID }) => SecretID) ?? [],
    configs: template.ContainerSpec?.Configs?.map(({ ConfigID }) => ConfigID) ?? [],
  }
}
