import { readFile } from 'node:fs/promises'
import type { KubeconfigFile } from 'intermodal/kubernetes'
import { parse } from 'yaml'
import type { OpenedAdapter } from './adapters.ts'
import type { Io } from './io.ts'
import type { Target } from './target.ts'

/** `kubernetes:`, `kubernetes:CONTEXT`, `kubernetes:CONTEXT/NAMESPACE`, `kubernetes:/NAMESPACE`. */
export async function openKubernetes(io: Io, target: Target): Promise<OpenedAdapter> {
  const { kubernetes, resolveKubeconfig } = await import('intermodal/kubernetes')
  const found = await resolveKubeconfig({
    env: io.env,
    readFile: (path) => readFile(path, 'utf8'),
  })
  const files = typeof found.kubeconfig === 'string' ? [] : (found.kubeconfig ?? [])
  const place = splitPlace(target.rest, contextsOf(files))
  return { adapter: kubernetes({ ...found, ...place, ...target.options }) }
}

/**
 * Names of contexts have slashes too (`arn:aws:eks:…:cluster/prod`): the longest one that is there is the context, and
 * what follows it the namespace.
 */
export function splitPlace(
  rest: string,
  contexts: ReadonlySet<string>,
): { readonly context?: string; readonly namespace?: string } {
  const cuts = [rest.length]
  for (let at = rest.lastIndexOf('/'); at >= 0; at = at > 0 ? rest.lastIndexOf('/', at - 1) : -1)
    cuts.push(at)
  const known = cuts.find((at) => contexts.has(rest.slice(0, at)))
  const at = known ?? (rest.includes('/') ? rest.indexOf('/') : rest.length)
  const [context, namespace] = [rest.slice(0, at), rest.slice(at + 1)]
  return { ...(context ? { context } : {}), ...(namespace ? { namespace } : {}) }
}

/** A file that cannot be read is told by the adapter, which says what is wrong with it. */
function contextsOf(files: readonly KubeconfigFile[]): ReadonlySet<string> {
  return new Set(files.flatMap(({ content }) => namesIn(content)))
}

function namesIn(content: string): readonly string[] {
  try {
    const { contexts } = parse(content, { maxAliasCount: 100 }) as {
      readonly contexts?: readonly { readonly name?: unknown }[]
    }
    return (contexts ?? []).flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
  } catch {
    return []
  }
}
