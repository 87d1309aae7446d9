import { type App, type AppId, defineApp } from 'intermodal'

export const SIZES = [3_000, 30_000] as const

/** An app of the usual kind: ports, a probe, limits, some environment; the id and the image differ. */
export function makeApp(index: number, version = 1): App {
  const id: AppId = `/estate/team-${index % 50}/app-${index}`
  return defineApp({
    id,
    image: `registry.example.com/team-${index % 50}/app-${index}:${version}`,
    replicas: 1,
    args: ['serve', '--port', '8080'],
    resources: {
      requests: { cpu: 0.1, memory: '64Mi' },
      limits: { memory: '128Mi' },
    },
    ports: [{ name: 'http', containerPort: 8080 }],
    probes: { readiness: { type: 'http', path: '/health', port: 'http', interval: '10s' } },
    env: { LOG_LEVEL: 'info', REGION: 'eu', NUMBER: String(index) },
    labels: { team: `team-${index % 50}`, tier: index % 3 === 0 ? 'web' : 'api' },
  })
}

export function makeApps(count: number): readonly App[] {
  return Array.from({ length: count }, (_, index) => makeApp(index))
}
