import type { Api } from './api.ts'
import { advance, born, type ContainerLife, type PodLife } from './life.ts'
import type { Container, Pod } from './objects.ts'
import { report, time } from './report.ts'

interface Kept {
  pod: Pod
  life: PodLife
  readonly ip: string
  said: string
  timer: NodeJS.Timeout | undefined
  busy: boolean
  gone: boolean
  ready: boolean
}

/** Lives the lives of the pods that are bound to nodes which have no kubelet. */
export function standInKubelet(api: Api, isMine: (node: string) => boolean) {
  const pods = new Map<string, Kept>()
  let addresses = 0

  /** One write at a time for a pod; what comes meanwhile is taken up after it. */
  const turn = async (kept: Kept): Promise<void> => {
    if (kept.busy || kept.gone || !isMine(kept.pod.spec.nodeName)) return
    kept.busy = true
    clearTimeout(kept.timer)
    try {
      if (kept.pod.metadata.deletionTimestamp === undefined) await live(kept)
      else await die(kept)
    } catch (error) {
      console.error(`${kept.pod.metadata.name}: ${(error as Error).message}`)
      kept.life = { ...kept.life, due: Date.now() + 200 }
    }
    kept.busy = false
    if (!kept.gone) schedule(kept)
  }

  const live = async (kept: Kept): Promise<void> => {
    const { namespace, name, uid } = kept.pod.metadata
    const before = kept.life
    kept.life = advance(kept.pod, before, Date.now())
    const status = report(kept.pod, kept.life, kept.ip)
    const text = JSON.stringify(status)
    if (text === kept.said) return
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`
    await api.send('PATCH', path, { metadata: { uid }, status })
    kept.said = text
    kept.ready = isReady({ status })
    for (const event of eventsOf(kept.pod, before, kept.life))
      await api.send('POST', `/api/v1/namespaces/${namespace}/events`, event)
  }

  const die = async (kept: Kept): Promise<void> => {
    const { namespace, name, uid } = kept.pod.metadata
    const options = { gracePeriodSeconds: 0, preconditions: { uid } }
    await api.send('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, options)
    kept.gone = true
  }

  const schedule = (kept: Kept) => {
    const dying = kept.pod.metadata.deletionTimestamp !== undefined
    const wait = dying ? 0 : Math.max(0, kept.life.due - Date.now())
    if (Number.isFinite(wait)) kept.timer = setTimeout(() => void turn(kept), wait)
  }

  return {
    see(type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: Pod): void {
      const { uid, deletionTimestamp } = pod.metadata
      const known = pods.get(uid)
      if (type === 'DELETED') {
        if (known) {
          clearTimeout(known.timer)
          known.gone = true
        }
        pods.delete(uid)
      } else if (known) {
        known.pod = pod
        // Whoever says otherwise of a pod is put right: its node seemed lost, and is not.
        const corrected = known.said !== '' && isReady(pod) !== known.ready
        if (corrected) known.said = ''
        if (corrected || deletionTimestamp !== undefined) void turn(known)
      } else {
        addresses++
        const ip = `10.${200 + (addresses >> 16)}.${(addresses >> 8) & 255}.${addresses & 255}`
        const life = born(pod, Date.now())
        const kept = {
          pod,
          life,
          ip,
          said: '',
          timer: undefined,
          busy: false,
          gone: false,
          ready: false,
        }
        pods.set(uid, kept)
        void turn(kept)
      }
    },
    /** The node is heard of again: what was missed is made up for. */
    wake(node: string): void {
      for (const kept of pods.values()) if (kept.pod.spec.nodeName === node) void turn(kept)
    },
  }
}

function isReady({ status }: Pick<Pod, 'status'>): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false
}

/** What a kubelet tells about a pod in events: why it does not start, and which probes fail. */
function eventsOf(pod: Pod, before: PodLife, after: PodLife): object[] {
  const told = (container: Container, was: ContainerLife, is: ContainerLife) => {
    const reasons: [string, string][] = []
    if (is.phase === 'unpullable' && was.phase !== 'unpullable')
      reasons.push(['Failed', `Failed to pull image "${container.image}": not found`])
    if (is.phase === 'backOff' && was.phase !== 'backOff')
      reasons.push(['BackOff', `Back-off restarting failed container ${container.name}`])
    if (is.end?.probe !== undefined && is.end !== was.end) {
      reasons.push(['Unhealthy', is.end.probe])
      const kind = is.end.probe.split(' ')[0]?.toLowerCase()
      reasons.push([
        'Killing',
        `Container ${container.name} failed ${kind} probe, will be restarted`,
      ])
    }
    if (is.unready !== undefined && is.unready !== was.unready)
      reasons.push(['Unhealthy', is.unready])
    return reasons.map(([reason, message]) => event(pod, container, reason, message))
  }
  const { containers, initContainers = [] } = pod.spec
  return [
    ...initContainers.flatMap((container, at) =>
      told(container, before.init[at] as ContainerLife, after.init[at] as ContainerLife),
    ),
    ...containers.flatMap((container, at) =>
      told(container, before.main[at] as ContainerLife, after.main[at] as ContainerLife),
    ),
  ]
}

function event({ metadata, spec }: Pod, container: Container, reason: string, message: string) {
  const now = time(Date.now())
  return {
    metadata: { generateName: `${metadata.name.slice(0, 200)}.`, namespace: metadata.namespace },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
      fieldPath: `spec.containers{${container.name}}`,
    },
    type: 'Warning',
    reason,
    message,
    source: { component: 'kubelet', host: spec.nodeName },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  }
}
