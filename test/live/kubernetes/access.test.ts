import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect } from 'intermodal'
import { kubernetes } from 'intermodal/kubernetes'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse, stringify } from 'yaml'
import { faultyProxy } from '../engine/faulty-proxy.ts'
import { call, clusters, connection, liveClient, ownClusters, stream, webApp } from './cluster.ts'
import { lost, synced, tape } from './tape.ts'

/** The same cluster, by other means: what is given of its entry, and of the user's. */
async function by(kubeconfig: string, user: object, entry: object = {}) {
  const config = parse(await readFile(kubeconfig, 'utf8'))
  const current = config.contexts.find(
    ({ name }: { name: string }) => name === config['current-context'],
  )
  const place = config.clusters.find(
    ({ name }: { name: string }) => name === current.context.cluster,
  )
  Object.assign(place.cluster, entry)
  current.context.user = 'someone'
  config.users = [{ name: 'someone', user }]
  const [file] = (await connection({ kubeconfig })).kubeconfig
  return { kubeconfig: [{ content: stringify(config), directory: file?.directory }] }
}

const as = (kubeconfig: string, token: string) => by(kubeconfig, { token })

const plugin = (...script: string[]) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    interactiveMode: 'Never',
    command: 'sh',
    args: ['-c', ...script],
  },
})

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

describe.for(clusters)('a credential plugin on a real Kubernetes with $name', (cluster) => {
  it('that fails is named, and what it said is not told', async () => {
    const fails = await by(cluster.kubeconfig, plugin('echo hunter2; echo hunter2 >&2; exit 3'))
    await using client = connect(kubernetes({ ...fails, namespace: 'default' }))
    const error = await client.status('/may/not').catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringMatching(/plugin sh .*exit code 3/),
    })
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
  })

  it('that hangs costs a call its time limit', async () => {
    const hangs = await by(cluster.kubeconfig, plugin('exec sleep 1000'))
    await using client = connect(kubernetes({ ...hangs, namespace: 'default' }))
    await expect(client.status('/may/not', { timeout: '1s' })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
  })

  it('is asked again when its token is good no more: calls go on, and a watch that was cut', async () => {
    await using live = await liveClient(cluster)
    const token = async (name: string) => {
      await live.kubectl('create', 'serviceaccount', name)
      await live.kubectl(
        ...['create', 'rolebinding', name, '--clusterrole=admin'],
        `--serviceaccount=${live.namespace}:${name}`,
      )
      return (await live.kubectl('create', 'token', name)).trim()
    }
    const [first, second] = [await token('first'), await token('second')]
    await using folder = await mkdtempDisposable(path.join(tmpdir(), 'intermodal-credential-'))
    const file = path.join(folder.path, 'credential')
    const give = (given: string) =>
      writeFile(
        file,
        JSON.stringify({
          apiVersion: 'client.authentication.k8s.io/v1',
          kind: 'ExecCredential',
          status: { token: given },
        }),
      )
    await give(first)
    const { server } = parse(await readFile(cluster.kubeconfig, 'utf8')).clusters[0].cluster
    await using proxy = await faultyProxy(server)
    const through = { server: proxy.host, 'tls-server-name': new URL(server).hostname }
    const rotating = await by(cluster.kubeconfig, plugin(`cat ${file}`), through)
    await using adapter = kubernetes({ ...rotating, namespace: live.namespace })
    const stop = new AbortController()
    const watch = tape(adapter.watch({}, stream(stop.signal)))
    const at = await watch.next(0, synced)

    await live.kubectl('delete', 'serviceaccount', 'first')
    const old = await as(cluster.kubeconfig, first)
    await using former = connect(kubernetes({ ...old, namespace: live.namespace }))
    // Tokens of an account are good for some seconds after it is gone.
    const refused = () =>
      former.status('/may/rotate').then(
        () => false,
        ({ code }: { readonly code: string }) => code === 'UNAUTHENTICATED',
      )
    while (!(await refused()));
    await give(second)
    await proxy.cut()
    await (await live.client.apply(webApp(cluster, '/may/rotate', { replicas: 0 }))).done()
    await watch.next(at, (change) => change.type === 'app' && change.status.state === 'suspended')
    expect((await adapter.observe('/may/rotate', call()))?.state).toBe('suspended')
    expect(watch.seen.filter(lost)).toEqual([])
    stop.abort(new Error('seen'))
    await expect(watch.ended).rejects.toThrow('seen')
  })
})

describe.for(ownClusters)('the certificate of a real Kubernetes with $name', (cluster) => {
  const asked = async (entry: object) => {
    const config = parse(await readFile(cluster.kubeconfig, 'utf8'))
    const other = await by(cluster.kubeconfig, config.users[0].user, entry)
    await using client = connect(kubernetes({ ...other, namespace: 'default' }))
    return await client.status('/may/not')
  }

  it('is not taken from another authority than the one named', async () => {
    const authority = path.join(path.dirname(cluster.kubeconfig), 'certs', 'ca.crt')
    await expect(asked({ 'certificate-authority': authority })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('certificate'),
    })
  })

  it('has to be for the name or the address that was told, and Node has nothing to warn of', async () => {
    const warnings: string[] = []
    const hear = ({ message }: Error) => warnings.push(message)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    for (const name of ['elsewhere.example', '127.0.0.2']) {
      await expect(asked({ 'tls-server-name': name })).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
        message: expect.stringContaining('certificate'),
      })
    }
    expect(await asked({ 'tls-server-name': '127.0.0.1' })).toBeUndefined()
    expect(warnings).toEqual([])
  })
})
