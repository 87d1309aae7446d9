import type { RequestOptions } from 'node:https'

/** What this adapter uses of a `KubeConfig` of @kubernetes/client-node, so that a live one can be given. */
export interface KubeConfigLike {
  /** Adds what a request needs now: a token that is valid, certificates, a proxy. */
  applyToHTTPSOptions(options: RequestOptions): Promise<void>
  getCurrentCluster(): ClusterLike | null
  getCurrentContext(): string
  getContextObject(name: string): ContextLike | null
  setCurrentContext(name: string): void
}

/** The fields of a cluster of `@kubernetes/client-node` that are read. */
export interface ClusterLike {
  readonly name: string
  readonly server: string
  readonly skipTLSVerify?: boolean | undefined
  readonly proxyUrl?: string | undefined
}

/** The fields of a context of `@kubernetes/client-node` that are read. */
export interface ContextLike {
  readonly cluster?: string | undefined
  readonly user?: string | undefined
  readonly namespace?: string | undefined
}

/** One kubeconfig file, read by the caller. */
export interface KubeconfigFile {
  /** YAML or JSON. */
  readonly content: string
  /** Where the file lies: files it names are looked for from there. */
  readonly directory?: string | undefined
}

/** Which cluster, and what part of it. */
export interface KubernetesConnection {
  /** Several are merged as kubectl does: what a file defines first stays. */
  readonly kubeconfig?: string | readonly KubeconfigFile[] | undefined
  /** A context of the kubeconfig. @default its current one */
  readonly context?: string | undefined
  /** The namespace all apps are in. @default that of the context, else `default` */
  readonly namespace?: string | undefined
}
