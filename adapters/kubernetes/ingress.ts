import type { App, Port } from 'intermodal'
import type { Context } from './context.ts'
import { ownMeta } from './labels.ts'
import { isRouted } from './services.ts'
import type { KubernetesObject } from './wire.ts'

interface IngressRule {
  readonly host?: string
  readonly http?: {
    readonly paths?: readonly {
      readonly path?: string
      readonly pathType?: string
      readonly backend?: {
        readonly service?: {
          readonly name?: string
          readonly port?: { readonly number?: number; readonly name?: string }
        }
      }
    }[]
  }
}

/** What the cluster's ingress controller routes to the app. */
export function writeIngress({ app, name }: Context): KubernetesObject[] {
  const ports = app.kind === 'job' || app.kind === 'cron' ? [] : app.ports.filter(isRouted)
  if (ports.length === 0) return []
  const byHost = Map.groupBy(ports, ({ host }) => host)
  const rules = [...byHost].map(([host, group]) => ({
    ...(host === undefined ? {} : { host }),
    http: { paths: group.map((port) => writePath(port, name)) },
  }))
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: ownMeta(app.id, name, name),
      spec: { rules },
    },
  ]
}

function writePath(port: Port, name: string): object {
  const number = port.servicePort ?? port.containerPort
  return {
    path: port.path ?? '/',
    pathType: 'Prefix',
    backend: { service: { name, port: { number } } },
  }
}

/** Host and path by the number of the Service's port; of several for one port the first. */
export function readIngress(
  found: KubernetesObject | undefined,
  service: string,
): ReadonlyMap<number, Pick<App['ports'][number], 'host' | 'path'>> {
  const routes = new Map<number, Pick<Port, 'host' | 'path'>>()
  const { rules = [] } = (found?.spec ?? {}) as { readonly rules?: readonly IngressRule[] }
  for (const { host, http } of rules) {
    for (const { path, backend } of http?.paths ?? []) {
      const number = backend?.service?.port?.number
      if (backend?.service?.name !== service || number === undefined || routes.has(number)) continue
      routes.set(number, {
        ...(host === undefined ? {} : { host }),
        ...(host !== undefined && (path === undefined || path === '/')
          ? {}
          : { path: path ?? '/' }),
      })
    }
  }
  return routes
}
