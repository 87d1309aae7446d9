import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../adapters/kubernetes/wire.ts'

const SHARED = resolve(
  process.env.INTERMODAL_SHARED ?? resolve(import.meta.dirname, '../../../shared'),
)
const CORPUS = resolve(SHARED, 'data/corpus')

/** Objects of one file; what is no object of Kubernetes is left out. */
export function objectsOf(folder: string, file: string): KubernetesObject[] {
  const text = readFileSync(resolve(CORPUS, folder, file), 'utf8')
  return parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false }).flatMap((document) => {
    if (document.errors.length > 0) return []
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    return isKubernetesObject(value) ? [value] : []
  })
}

function isKubernetesObject(value: unknown): value is KubernetesObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    (('metadata' in value && typeof value.metadata === 'object' && value.metadata !== null) ||
      'items' in value)
  )
}

export function filesOf(folder: string): string[] {
  return readdirSync(resolve(CORPUS, folder))
    .filter((name) => /\.(?:ya?ml|json)$/.test(name))
    .sort()
}

/** What the index says of each file of the health corpus: Argo's word. */
export function expectedHealth(): ReadonlyMap<string, string> {
  const index = readFileSync(resolve(CORPUS, 'INDEX.tsv'), 'utf8')
  return new Map(
    index.split('\n').flatMap((line) => {
      const [file = '', , , , , features = ''] = line.split('\t')
      const [, name] = /^kubernetes-health\/(.*)$/.exec(file) ?? []
      const [, health] = /expected=(\w+)/.exec(features) ?? []
      return name && health ? [[name, health] as const] : []
    }),
  )
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']

/** Files with exactly one workload, and nothing in them that is a template of something else. */
export function singleApps(): [file: string, objects: KubernetesObject[]][] {
  return filesOf('kubernetes').flatMap((file) => {
    const objects = objectsOf('kubernetes', file)
    const workloads = objects.filter(({ kind }) => WORKLOADS.includes(kind ?? ''))
    return workloads.length === 1 ? [[file, objects]] : []
  })
}
