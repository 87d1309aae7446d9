import { Refused } from '../errors.ts'
import type { AppDefinition } from '../normal/app.ts'
import type { Spec } from './root.ts'

/** `--local_port_min` and `--local_port_max`. */
const FIRST = 10_000
const LAST = 20_000

/** The service ports of an app, in order. */
export function servicePorts({ portDefinitions, container }: AppDefinition): readonly number[] {
  return container?.portMappings
    ? container.portMappings.map(({ servicePort }) => servicePort ?? 0)
    : (portDefinitions ?? []).map(({ port }) => port ?? 0)
}

/**
 * Gives a port of its own to every service port of zero, or the one it was given before. The random choice of a real
 * Marathon is the lowest free port here.
 */
export class PortPool {
  readonly #used: Set<number>
  #next = FIRST

  constructor(specs: Iterable<Spec>) {
    this.#used = new Set(
      [...specs].flatMap((spec) => (spec.kind === 'app' ? servicePorts(spec.definition) : [])),
    )
  }

  assign(definition: AppDefinition, before: AppDefinition | undefined): AppDefinition {
    const old = before ? servicePorts(before) : []
    const wanted = servicePorts(definition)
    if (!wanted.includes(0)) return definition
    const kept = old.filter((port) => !wanted.includes(port))
    const ports = wanted.map((port, index) => {
      if (port !== 0) return port
      const same = old[index]
      const at = same === undefined ? -1 : kept.indexOf(same)
      const [reused] = kept.splice(at < 0 ? 0 : at, 1)
      return reused ?? this.#take()
    })
    const { container, portDefinitions } = definition
    if (container?.portMappings) {
      const portMappings = container.portMappings.map((mapping, index) => ({
        ...mapping,
        servicePort: ports[index] ?? 0,
      }))
      return { ...definition, container: { ...container, portMappings } }
    }
    return {
      ...definition,
      portDefinitions: (portDefinitions ?? []).map((one, index) => ({
        ...one,
        port: ports[index] ?? 0,
      })),
    }
  }

  #take(): number {
    while (this.#used.has(this.#next)) this.#next++
    if (this.#next > LAST) {
      throw new Refused({
        status: 500,
        json: {
          message: `No ports available in the port range: ${FIRST} - ${LAST}. You can increase it with --local_port_max.`,
        },
      })
    }
    this.#used.add(this.#next)
    return this.#next++
  }
}
