/** A deployment of one container, with what is given in its spec. */
export function deployment(name: string, spec: object = {}, image = 'diff/app:1') {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'main', image, args: ['sleep', 'infinity'] }],
        },
      },
      ...spec,
    },
  }
}

export function configMap(name: string, data: object, metadata: object = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data }
}

export const APPLY = { type: 'application/apply-patch+yaml' } as const
export const MERGE = { type: 'application/merge-patch+json' } as const
export const STRATEGIC = { type: 'application/strategic-merge-patch+json' } as const
export const JSON_PATCH = { type: 'application/json-patch+json' } as const
export const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } as const
