// node main.ts KUBECONFIG NODES: nodes without machines, whose pods run without containers. Ends when it is told to.
import { connectApi } from './api.ts'
import { standInKubelet } from './kubelet.ts'
import { createNodes, keepAlive, nodeNames } from './nodes.ts'
import type { Pod } from './objects.ts'

const [kubeconfig = '', count = '3'] = process.argv.slice(2)
// Leases go over connections of their own: nodes must not seem lost while their pods keep the others busy.
const api = await connectApi(kubeconfig, 32)
const heart = await connectApi(kubeconfig, 4)
const names = nodeNames(Number(count))
const own = new Set(names)
const silent = new Set<string>()

await createNodes(heart, names)
const kubelet = standInKubelet(api, (node) => own.has(node) && !silent.has(node))
await Promise.all([
  keepAlive(heart, names, silent, kubelet.wake),
  api.follow<Pod>('/api/v1/pods?fieldSelector=spec.nodeName!%3D', kubelet.see),
])
