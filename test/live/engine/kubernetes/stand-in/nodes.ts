import { setTimeout as pause } from 'node:timers/promises'
import type { Api } from './api.ts'
import type { Node } from './objects.ts'
import { time } from './report.ts'

/** Annotation on a node, given by a test: its kubelet says and does nothing more, as when the machine is cut off. */
export const SILENT = 'stand-in.test/silent'

const PERIOD = 1000
const CAPACITY = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '512Gi', pods: '1000' }
const ZONES = ['a', 'b', 'c']

export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `stand-in-${index + 1}`)
}

export async function createNodes(api: Api, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    await api.send('POST', '/api/v1/nodes', {
      metadata: {
        name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'topology.kubernetes.io/zone': ZONES[index % ZONES.length],
        },
      },
      status: {
        capacity: CAPACITY,
        allocatable: CAPACITY,
        conditions: conditions(),
        addresses: [{ type: 'Hostname', address: name }],
        nodeInfo: { kubeletVersion: 'stand-in', operatingSystem: 'linux', architecture: 'amd64' },
      },
    })
    await api.send('POST', LEASES, { metadata: { name }, spec: lease(name) })
  }
}

/**
 * Keeps the leases of the nodes, and says they are ready when someone came to think otherwise. A node that was deleted stays so.
 *
 * @param silent - Filled with the nodes that are to keep quiet.
 */
export async function keepAlive(
  api: Api,
  names: readonly string[],
  silent: Set<string>,
  on: (name: string) => void,
): Promise<never> {
  const own = new Set(names)
  for (;;) {
    try {
      const { items } = await api.get<{ items: Node[] }>('/api/v1/nodes')
      await Promise.all(items.filter(({ metadata }) => own.has(metadata.name)).map(beat))
    } catch (error) {
      console.error(`nodes: ${(error as Error).message}`)
    }
    await pause(PERIOD)
  }

  async function beat({ metadata: { name, annotations }, status }: Node): Promise<void> {
    if (annotations?.[SILENT] !== undefined) {
      silent.add(name)
      return
    }
    await api.send('PATCH', `${LEASES}/${name}`, { spec: lease(name) })
    const ready = status?.conditions?.some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    )
    if (!ready)
      await api.send('PATCH', `/api/v1/nodes/${name}/status`, {
        status: { conditions: conditions() },
      })
    if (silent.delete(name)) on(name)
  }
}

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

function lease(name: string) {
  const renewTime = new Date().toISOString().replace('Z', '000Z')
  return { holderIdentity: name, leaseDurationSeconds: 40, renewTime }
}

function conditions() {
  const now = time(Date.now())
  const condition = (type: string, status: string, reason: string) => {
    return { type, status, reason, lastHeartbeatTime: now, lastTransitionTime: now }
  }
  return [
    condition('Ready', 'True', 'KubeletReady'),
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
  ]
}
