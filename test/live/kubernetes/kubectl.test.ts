import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWorld } from 'intermodal/simulated'
import { fakeKubernetes } from 'intermodal/testing'
import { expect, onTestFinished, test } from 'vitest'
import { changing, removing } from '../../fake-kubernetes/kubectl/changing.ts'
import { creating } from '../../fake-kubernetes/kubectl/creating.ts'
import { reading } from '../../fake-kubernetes/kubectl/reading.ts'
import { unexpected } from '../../fake-kubernetes/kubectl/unexpected.ts'
import { clusters, withStandIns } from './cluster.ts'

const all = [...creating, ...reading, ...changing, ...removing]
const [{ kubectl: program } = { kubectl: 'kubectl' }] = clusters

test('kubectl is answered by the fake as by any other cluster', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'intermodal-kubectl-'))
  const world = createWorld({ clock: { speed: 10 } })
  await using fake = await fakeKubernetes({ world })
  onTestFinished(async () => {
    world.close()
    await rm(folder, { recursive: true, force: true })
  })
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, fake.kubeconfig)
  expect(await unexpected(all, program, kubeconfig)).toEqual([])
})

for (const { name, kubeconfig } of withStandIns)
  test(`what is expected of the fake is what kubectl hears from ${name}`, async () => {
    const shared = all.filter(({ only }) => only === undefined)
    expect(await unexpected(shared, program, kubeconfig)).toEqual([])
  })
