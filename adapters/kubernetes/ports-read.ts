import { targetOf } from './canonical.ts'
import { readIngress } from './ingress.ts'
import { isLabel } from './model.ts'
import { partName } from './names.ts'
import { compact } from './patch.ts'
import { readPorts } from './ports.ts'
import type { ContainerPort, KubernetesObject, PodSpec, Service, ServicePort } from './wire.ts'

/** The container's ports, and how the Services and the Ingress of the app's name open them. */
export function readExposure(
  ports: readonly ContainerPort[],
  objects: readonly KubernetesObject[],
  name: string,
  pod: PodSpec,
): object[] {
  const find = (kind: string, of: string): KubernetesObject | undefined =>
    objects.find((object) => object.kind === kind && object.metadata.name === of)
  const main = find('Service', name) as Service | undefined
  const cluster = find('Service', partName(name, 'cluster')) as Service | undefined
  const balanced = find('Service', partName(name, 'public')) as Service | undefined
  const routes = readIngress(find('Ingress', name), name)
  return readPorts(ports).map((port) => {
    const entry = entryOf(main, port, pod)
    const route = entry && routes.get(entry.port)
    const open = [cluster, balanced, main].find(
      (one) => one?.spec?.type !== undefined && entryOf(one, port, pod),
    )
    const opened = open && entryOf(open, port, pod)
    const exposure = route ? 'public' : exposureOf(open?.spec?.type)
    // A number the server has chosen is not part of what was wanted.
    const wanted = open?.metadata.uid === undefined ? opened?.nodePort : undefined
    const hostPort =
      exposure === undefined ? port.hostPort : exposure === 'public' && route ? undefined : wanted
    return compact({
      ...port,
      name: isLabel(port.name) ? port.name : `port-${port.containerPort}`,
      hostPort,
      servicePort: entry && entry.port !== port.containerPort ? entry.port : undefined,
      exposure,
      ...route,
    })
  })
}

function exposureOf(type: string | undefined): 'cluster' | 'public' | undefined {
  if (type === 'NodePort') return 'cluster'
  return type === 'LoadBalancer' ? 'public' : undefined
}

function entryOf(
  service: Service | undefined,
  port: { readonly containerPort: number; readonly protocol?: string },
  pod: PodSpec,
): ServicePort | undefined {
  return service?.spec?.ports?.find(
    (entry) =>
      targetOf(entry, pod) === port.containerPort &&
      (entry.protocol ?? 'TCP').toLowerCase() === (port.protocol ?? 'tcp'),
  )
}
