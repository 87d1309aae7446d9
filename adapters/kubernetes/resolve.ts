import { posix, win32 } from 'node:path'
import { IntermodalError } from 'intermodal'
import type { KubeconfigFile, KubernetesConnection } from './kube-config-like.ts'

/** What kubectl would go by, given by the caller: adapters read no environment and no files. */
export interface ResolveKubeconfigOptions {
  /** `process.env`, or what stands for it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a text file; rejects with `code: 'ENOENT'` when there is none, as `fs.promises.readFile` does. */
  readonly readFile: (path: string) => Promise<string>
  /** As `kubectl --context`. */
  readonly context?: string | undefined
  /** As `kubectl --namespace`. */
  readonly namespace?: string | undefined
  /** @default process.platform */
  readonly platform?: NodeJS.Platform | undefined
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Where kubectl would connect to, by its own rules: the files of `KUBECONFIG`, `~/.kube/config`, and inside a cluster the
 * pod's service account. Reads nothing but what it is given.
 *
 * `kubernetes(await resolveKubeconfig({ env: process.env, readFile: (path) => readFile(path, 'utf8') }))`
 *
 * Throws `UNSUPPORTED` when there is none of them, or a file cannot be read.
 */
export async function resolveKubeconfig(
  options: ResolveKubeconfigOptions,
): Promise<KubernetesConnection> {
  const { env, context, namespace } = options
  const path = (options.platform ?? process.platform) === 'win32' ? win32 : posix
  const paths = env.KUBECONFIG
    ? env.KUBECONFIG.split(path.delimiter).filter(Boolean)
    : [path.join(env.HOME || env.USERPROFILE || path.sep, '.kube', 'config')]
  const files: KubeconfigFile[] = []
  for (const file of paths) {
    const content = await readIfThere(options, file)
    if (content !== undefined) files.push({ content, directory: path.dirname(path.resolve(file)) })
  }
  if (files.length > 0) return { kubeconfig: files, context, namespace }
  const account = env.KUBECONFIG || context ? undefined : await serviceAccount(options)
  if (account) return account
  throw new IntermodalError('UNSUPPORTED', `there is no kubeconfig at ${paths.join(', ')}`, {
    remedy: env.KUBECONFIG
      ? 'correct KUBECONFIG: none of its files is there'
      : 'set KUBECONFIG, or put the kubeconfig where kubectl looks for it',
  })
}

/** The token rotates: its file is named, and read again by the client library. */
async function serviceAccount(
  options: ResolveKubeconfigOptions,
): Promise<KubernetesConnection | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = options.env
  if (!host || (await readIfThere(options, `${ACCOUNT}/token`)) === undefined) return undefined
  const own = (await readIfThere(options, `${ACCOUNT}/namespace`))?.trim()
  const name = 'in-cluster'
  const config = {
    clusters: [
      {
        name,
        cluster: {
          server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
          'certificate-authority': `${ACCOUNT}/ca.crt`,
        },
      },
    ],
    users: [
      {
        name,
        user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: `${ACCOUNT}/token` } } },
      },
    ],
    contexts: [
      { name, context: { cluster: name, user: name, ...(own ? { namespace: own } : {}) } },
    ],
    'current-context': name,
  }
  return {
    kubeconfig: [{ content: JSON.stringify(config) }],
    namespace: options.namespace,
  }
}

async function readIfThere(
  { readFile }: ResolveKubeconfigOptions,
  path: string,
): Promise<string | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as { readonly code?: unknown } | null)?.code === 'ENOENT') return undefined
    throw new IntermodalError('UNSUPPORTED', `${path} cannot be read`, {
      cause: error,
      remedy: 'make it readable, or name another file in KUBECONFIG',
    })
  }
}
