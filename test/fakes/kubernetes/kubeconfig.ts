import { stringify } from 'yaml'

/** For a server on loopback that speaks plain HTTP. */
export function kubeconfigFor(server: string, token = 'fake'): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake', namespace: 'default' } }],
    users: [{ name: 'fake', user: { token } }],
  })
}
