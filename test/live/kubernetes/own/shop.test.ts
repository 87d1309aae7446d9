import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { kubectl } from '../../engine/kubernetes/cluster.ts'
import { liveClient, ownClusters, type TestCluster } from '../cluster.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../../../..')

/** The command as its users have it, in a process of its own. */
async function intermodal(cluster: TestCluster, ...command: string[]): Promise<string> {
  const { stdout } = await run(
    process.execPath,
    ['--conditions=@intermodal/source', 'src/cli/main.ts', ...command],
    { cwd: root, env: { ...process.env, KUBECONFIG: cluster.kubeconfig, NO_COLOR: '1' } },
  )
  return stdout
}

describe.for(ownClusters)('examples/shop.yaml on a real Kubernetes with $name', (cluster) => {
  it('comes up unchanged, in the order of its dependencies, and goes again', async () => {
    await using live = await liveClient(cluster)
    const on = ['--on', `kubernetes:admin/${live.namespace}`]
    await intermodal(cluster, 'apply', '-f', 'examples/shop.yaml', ...on)
    const statuses = await Array.fromAsync(live.client.list({ group: '/shop' }))
    expect(Object.fromEntries(statuses.map(({ id, state }) => [id, state]))).toEqual({
      '/shop/store': 'running',
      '/shop/migrate': 'completed',
      '/shop/api': 'running',
      '/shop/web': 'running',
    })
    const again = await intermodal(cluster, 'plan', '-f', 'examples/shop.yaml', '-o', 'json', ...on)
    expect(again).not.toContain('"action": "update"')
    const ids = statuses.map(({ id }) => id)
    await intermodal(cluster, 'rm', ...ids, '--yes', ...on)
    for (const id of ids) await live.until(id, (status) => status === undefined)
  })

  it('is rendered as YAML that the server takes', async () => {
    await using live = await liveClient(cluster)
    const yaml = await intermodal(
      cluster,
      ...['render', '-f', 'examples/shop.yaml', '--to', 'kubernetes'],
    )
    const taken = await kubectl(
      cluster,
      ['--namespace', live.namespace, 'apply', '--dry-run=server', '-f', '-'],
      yaml,
    )
    for (const name of ['statefulset.apps/shop--store', 'job.batch/shop--migrate'])
      expect(taken).toContain(`${name} created (server dry run)`)
  })
})
