import { type Adapter, type Clock, systemClock } from 'intermodal'
import { kubernetesAdapter } from './adapter.ts'
import type {
  ClusterLike,
  ContextLike,
  KubeConfigLike,
  KubeconfigFile,
  KubernetesConnection,
} from './kube-config-like.ts'
import type { KubernetesNative } from './native.ts'
import type { KubernetesPatch } from './native-patch.ts'
import type { TranslateOptions } from './options.ts'
import { type ResolveKubeconfigOptions, resolveKubeconfig } from './resolve.ts'
import { Transport } from './transport.ts'
import type { KubernetesObject } from './wire.ts'

export {
  type ClusterLike,
  type ContextLike,
  type KubeConfigLike,
  type KubeconfigFile,
  type KubernetesConnection,
  type KubernetesNative,
  type KubernetesObject,
  type KubernetesPatch,
  type ResolveKubeconfigOptions,
  resolveKubeconfig,
}

/**
 * Which cluster, and how to treat it. Nothing is read from the environment or from files, besides those that a kubeconfig
 * names: pass what `resolveKubeconfig()` finds to go where kubectl goes.
 */
export interface KubernetesOptions extends KubernetesConnection, TranslateOptions {
  /**
   * A live `KubeConfig` of @kubernetes/client-node instead of the text of one. It is asked for credentials before each
   * request, and its own current context stays as it is.
   */
  readonly kubeConfig?: KubeConfigLike | undefined
  /**
   * A watch on which nothing comes for so long is made anew, milliseconds. The server sends a bookmark about once a
   * minute, so less than that makes connections for nothing. @default 90000
   */
  readonly watchIdle?: number | undefined
  /** Connections for ordinary calls: what a hung server costs at most. @default 16 */
  readonly maxSockets?: number | undefined
  /** The longest answer that is read, and the longest object of a list, bytes. @default 67108864 */
  readonly maxBytes?: number | undefined
  readonly clock?: Clock | undefined
  /** From 0 to 1, for jitter. @default Math.random */
  readonly random?: (() => number) | undefined
}

/**
 * Kubernetes, from 1.20 on: the apps of one namespace.
 *
 * Needs the package `@kubernetes/client-node`, which is loaded with the first call. Opens no connection before that;
 * disposing closes all of them. What it makes carries the label `intermodal.dev/name`; claims of stateful apps are left
 * when an app is removed, for they are data.
 */
export function kubernetes(options: KubernetesOptions = {}): Adapter<KubernetesNative> {
  const clock = options.clock ?? systemClock
  const { poolLabel, shortNames } = options
  return kubernetesAdapter({
    transport: new Transport({ ...options, clock }),
    clock,
    random: options.random ?? Math.random,
    idle: options.watchIdle ?? 90_000,
    options: {
      ...(poolLabel === undefined ? {} : { poolLabel }),
      ...(shortNames === undefined ? {} : { shortNames }),
    },
  })
}
