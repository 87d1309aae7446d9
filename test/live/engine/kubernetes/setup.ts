import type { TestProject } from 'vitest/node'
import { startStandIn, startWhole } from './cluster.ts'

/** A cluster the live tests run on, each in a namespace of its own. */
export interface TestCluster {
  readonly name: string
  readonly kubeconfig: string
  readonly kubectl: string
  /** Whether pods are containers, with logs to read and commands to run. */
  readonly containers: boolean
  /** Whether it is ours, to take nodes from and to set rules for everyone on. */
  readonly ours: boolean
  /** Two that hold busybox, and one that nobody has. */
  readonly images: readonly [current: string, next: string, absent: string]
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly clusters: readonly TestCluster[]
  }
}

const IMAGES = ['127.0.0.1:9/app:1', '127.0.0.1:9/app:2', '127.0.0.1:9/app:absent'] as const

/**
 * `INTERMODAL_TEST_KUBECONFIG`, or `KUBECONFIG`, names a cluster to test on; its nodes pull the images that
 * `INTERMODAL_TEST_IMAGES` names. Without it two are built, started, and ended afterwards: one with a real kubelet, one
 * whose nodes are stand-ins.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { INTERMODAL_TEST_KUBECONFIG, KUBECONFIG, INTERMODAL_TEST_IMAGES } = process.env
  const given = INTERMODAL_TEST_KUBECONFIG || KUBECONFIG
  if (given) {
    const [current = 'busybox:1.36', next = 'busybox:1.37'] =
      INTERMODAL_TEST_IMAGES?.split(' ') ?? []
    const images = [current, next, IMAGES[2]] as const
    project.provide('clusters', [
      {
        name: 'the cluster given',
        kubeconfig: given,
        kubectl: 'kubectl',
        containers: true,
        ours: false,
        images,
      },
    ])
    return async () => {}
  }
  await using started = new AsyncDisposableStack()
  const whole = started.use(await startWhole())
  const standIn = started.use(await startStandIn())
  const common = { ours: true, images: IMAGES }
  project.provide('clusters', [
    {
      name: 'real containers',
      kubeconfig: whole.kubeconfig,
      kubectl: whole.kubectl,
      containers: true,
      ...common,
    },
    {
      name: 'stand-in nodes',
      kubeconfig: standIn.kubeconfig,
      kubectl: standIn.kubectl,
      containers: false,
      ...common,
    },
  ])
  const kept = started.move()
  return () => kept.disposeAsync()
}
