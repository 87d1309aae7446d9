import { notValid } from '../errors.ts'
import type { AppDefinition } from '../normal/app.ts'

/** Which networks and ports go together. */
export function networkRules(
  { networks, container, portDefinitions }: AppDefinition,
  at: string,
): void {
  const path = `${at}/networks`
  const modes = networks.map(({ mode }) => mode)
  const several = new Set(modes).size > 1
  const unnamed = networks.some(({ mode }) => mode !== 'container')
  if (several || (unnamed && networks.length > 1))
    throw notValid(
      path,
      'may only specify a single host network, a single container/bridge network, or multiple container networks',
    )
  for (const [index, { mode, name, labels }] of networks.entries()) {
    if (mode !== 'container' && name !== undefined)
      throw notValid(`${path}(${index})/name`, 'must be empty')
    if (mode === 'host' && Object.keys(labels ?? {}).length > 0)
      throw notValid(`${path}(${index})/labels`, 'must be empty')
    if (mode === 'container' && name === undefined)
      throw notValid(path, 'container network name is not specified and there is no default')
  }
  const names = networks.map(({ name }) => name)
  if (new Set(names).size < names.length) throw notValid(path, 'Duplicate networks in list')
  if (names.length > 1 && container?.type === 'DOCKER')
    throw notValid(
      path,
      'may only specify a single container network when using the Docker container engine',
    )
  if (modes[0] === 'host' && container?.portMappings?.length)
    throw notValid(`${at}/container/portMappings`, 'must be empty')
  if (modes[0] !== 'host' && portDefinitions?.length)
    throw notValid(`${at}/portDefinitions`, 'must be empty')
  unique(`${at}/portDefinitions`, portDefinitions ?? [], 'port')
  unique(`${at}/container/portMappings`, container?.portMappings ?? [], 'servicePort')
}

interface Port {
  readonly name?: string | undefined
  readonly port?: number | undefined
  readonly servicePort?: number | undefined
}

function unique(path: string, ports: readonly Port[], number: 'port' | 'servicePort'): void {
  const names = ports.flatMap(({ name }) => name ?? [])
  if (new Set(names).size < names.length) throw notValid(path, 'Port names must be unique.')
  const numbers = ports.flatMap((port) => port[number] || [])
  if (number === 'port' && new Set(numbers).size < numbers.length)
    throw notValid(path, 'Ports must be unique.')
}
