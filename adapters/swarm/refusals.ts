import type { App } from 'intermodal'
import type { Report } from './loss.ts'
import type { SwarmNative } from './native.ts'

const DOMAIN = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[a-fA-F0-9:]+\])(?::\d+)?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const SUFFIX = /(?::\w[\w.-]{0,127})?(?:@[A-Za-z][\w.+-]*:[0-9a-fA-F]{32,})?$/

/** Names what a manager refuses of a service although each part of it is well-formed. */
export function reportRefusals(app: App, { service }: SwarmNative, report: Report): void {
  const image = service.TaskTemplate.ContainerSpec?.Image
  if (image !== undefined && !isReference(image)) {
    report(
      'refused',
      image === app.image ? '/image' : '/native/swarm/TaskTemplate/ContainerSpec/Image',
      `${JSON.stringify(image)} is no name of an image that Docker knows`,
      'write it as registry/name:tag, in lower case; a variable has to be filled in first',
    )
  }
  const ports = service.EndpointSpec?.Ports ?? []
  const ingress = ports.some(({ PublishMode }) => (PublishMode ?? 'ingress') === 'ingress')
  if (service.EndpointSpec?.Mode === 'dnsrr' && ingress) {
    report(
      'refused',
      '/native/swarm/EndpointSpec/Mode',
      'a service without a virtual address has no ports on every node',
      'leave the mode to be chosen, or give the ports exposure "node"',
    )
  }
}

/** Docker's grammar of references: https://github.com/distribution/reference */
function isReference(image: string): boolean {
  const parts = image.replace(SUFFIX, '').split('/')
  const [first = ''] = parts
  const registry = parts.length > 1 && (/[.:[]|[A-Z]/.test(first) || first === 'localhost')
  return (
    (registry ? parts.slice(1) : parts).every((part) => COMPONENT.test(part)) &&
    (!registry || DOMAIN.test(first))
  )
}
