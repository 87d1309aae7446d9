import { readFile } from 'node:fs/promises'
import { connect } from 'intermodal'
import { kubernetes } from 'intermodal/kubernetes'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { clusters, connection, liveClient, webApp } from './cluster.ts'

/** The same cluster, as someone with another token. */
async function as(kubeconfig: string, token: string) {
  const config = parse(await readFile(kubeconfig, 'utf8'))
  const current = config.contexts.find(
    ({ name }: { name: string }) => name === config['current-context'],
  )
  current.context.user = 'someone'
  config.users = [{ name: 'someone', user: { token } }]
  const [file] = (await connection({ kubeconfig })).kubeconfig
  return { kubeconfig: [{ content: stringify(config), directory: file?.directory }] }
}

describe.for(clusters)('who may not, on a real Kubernetes with $name, is told so:', (cluster) => {
  it('a token nobody gave out', async () => {
    await using live = await liveClient(cluster)
    const someone = await as(cluster.kubeconfig, 'not-a-token-of-this-cluster')
    await using client = connect(kubernetes({ ...someone, namespace: live.namespace }))
    const refused = client.apply(webApp(cluster, '/may/not'))
    await expect(refused).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(refused).rejects.not.toThrow('not-a-token-of-this-cluster')
  })

  it('an account without the right to write, with the verb, the resource and the namespace', async () => {
    await using live = await liveClient(cluster)
    await live.kubectl('create', 'serviceaccount', 'reader')
    await live.kubectl(
      ...['create', 'rolebinding', 'reader', '--clusterrole=view'],
      `--serviceaccount=${live.namespace}:reader`,
    )
    const token = (await live.kubectl('create', 'token', 'reader')).trim()
    const someone = await as(cluster.kubeconfig, token)
    await using client = connect(kubernetes({ ...someone, namespace: live.namespace }))
    await (await live.client.apply(webApp(cluster, '/may/look', { replicas: 0 }))).done()
    expect((await client.status('/may/look'))?.state).toBe('suspended')
    const refused = client.apply(webApp(cluster, '/may/not'))
    await expect(refused).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringMatching(
        new RegExp(`(create|patch).*(deployments|services).*${live.namespace}`),
      ),
    })
    await expect(client.remove('/may/look')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await live.client.status('/may/not')).toBeUndefined()
  })

  it('a namespace that is not there', async () => {
    const options = { ...(await connection(cluster)), namespace: 'intermodal-nowhere' }
    await using client = connect(kubernetes(options))
    await expect(client.apply(webApp(cluster, '/may/not'))).rejects.toMatchObject({
      message: expect.stringContaining('intermodal-nowhere'),
      remedy: expect.stringMatching(/namespace/),
    })
    expect(await client.status('/may/not')).toBeUndefined()
  })

  it('a context the kubeconfig does not have', async () => {
    const options = { ...(await connection(cluster)), context: 'no-such-context' }
    await using client = connect(kubernetes(options))
    await expect(client.status('/may/not')).rejects.toMatchObject({
      message: expect.stringContaining('no-such-context'),
    })
  })
})
