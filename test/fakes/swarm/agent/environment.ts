import type { TaskRecord } from '../store/objects.ts'

/** As any image brings it along. */
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** `A=b`, with what the swarm writes in place of `{{.Task.Slot}}` and the like. */
export function environmentOf(task: TaskRecord, hostname = ''): readonly string[] {
  const own = task.Spec.ContainerSpec?.Env ?? []
  return [PATH, ...own.map((text) => filledIn(text, task, hostname))]
}

/** The name a container goes by inside: the one wanted, or the beginning of its id. */
export function hostnameOf(task: TaskRecord, container: string, node = ''): string {
  const wanted = task.Spec.ContainerSpec?.Hostname
  return wanted ? filledIn(wanted, task, node) : container.slice(0, 12)
}

function filledIn(text: string, task: TaskRecord, hostname: string): string {
  return text.replaceAll(/\{\{\s*(\.[\w.]+|index\s+\.Service\.Labels\s+"[^"]*")\s*\}\}/g, (_, of) =>
    valueFor(String(of), task, hostname),
  )
}

function valueFor(what: string, task: TaskRecord, hostname: string): string {
  const { serviceName, ServiceID, serviceLabels, Slot, NodeID = '', ID } = task
  const label = /"([^"]*)"/.exec(what)?.[1]
  if (label !== undefined) return serviceLabels?.[label] ?? ''
  const place = Slot === undefined ? NodeID : String(Slot)
  switch (what) {
    case '.Service.ID':
      return ServiceID
    case '.Service.Name':
      return serviceName
    case '.Node.ID':
      return NodeID
    case '.Node.Hostname':
      return hostname
    case '.Node.Platform.OS':
      return 'linux'
    case '.Node.Platform.Architecture':
      return 'x86_64'
    case '.Task.ID':
      return ID
    case '.Task.Name':
      return `${serviceName}.${place}.${ID}`
    case '.Task.Slot':
      return place
    default:
      return ''
  }
}
