import { createHash } from 'node:crypto'
import { ALL_KINDS, apiVersionOf, type Kind, type Subresource } from '../kinds.ts'
import type { Answer } from './answer.ts'

const ADDRESSES = (host: string) => [{ clientCIDR: '0.0.0.0/0', serverAddress: host }]
const SUBRESOURCES: Readonly<
  Record<Subresource, { kind?: string; group?: string; version?: string; verbs: readonly string[] }>
> = {
  status: { verbs: ['get', 'patch', 'update'] },
  scale: { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
  log: { verbs: ['get'] },
  attach: { kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  portforward: { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  exec: { kind: 'PodExecOptions', verbs: ['create', 'get'] },
  eviction: { kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  binding: { kind: 'Binding', verbs: ['create'] },
  finalize: { verbs: ['update'] },
  token: { kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
}

export const VERSION = {
  major: '1',
  minor: '34',
  emulationMajor: '1',
  emulationMinor: '34',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '33',
  gitVersion: 'v1.34.4',
  gitCommit: 'intermodal-fake',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.24.12',
  compiler: 'gc',
  platform: 'linux/amd64',
}

const groups = () => [
  ...Map.groupBy(
    ALL_KINDS.filter(({ group }) => group),
    ({ group }) => group,
  ),
]

/** What there is, in each of the forms clients ask for; `undefined` for a path that is about something else. */
export function discover(path: string, accept: string, host: string): Answer | undefined {
  const aggregated = /as=APIGroupDiscoveryList/.test(accept) && accept.indexOf('apidiscovery') >= 0
  const version = /v=(v2(?:beta1)?)/.exec(accept)?.[1] ?? 'v2'
  switch (path) {
    case '/version':
      return { status: 200, json: VERSION }
    case '/api':
      if (aggregated) return list(version, [['', ALL_KINDS.filter(({ group }) => !group)]])
      return {
        status: 200,
        json: {
          kind: 'APIVersions',
          versions: ['v1'],
          serverAddressByClientCIDRs: ADDRESSES(host),
        },
      }
    case '/apis':
      if (aggregated) return list(version, groups())
      return {
        status: 200,
        json: {
          kind: 'APIGroupList',
          apiVersion: 'v1',
          groups: groups().map(([name]) => groupOf(name)),
        },
      }
    default:
      return byGroup(path)
  }
}

function byGroup(path: string): Answer | undefined {
  const [, root, first, second, more] = path.split('/')
  if (more !== undefined || (root !== 'api' && root !== 'apis') || first === undefined)
    return undefined
  if (root === 'apis' && second === undefined)
    return groups().some(([name]) => name === first)
      ? { status: 200, json: { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(first) } }
      : undefined
  const apiVersion = root === 'api' ? first : `${first}/${second}`
  if (root === 'api' && second !== undefined) return undefined
  const kinds = ALL_KINDS.filter((kind) => apiVersionOf(kind) === apiVersion)
  if (kinds.length === 0) return undefined
  const resources = kinds.flatMap(resourcesOf)
  return {
    status: 200,
    json: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources },
  }
}

function storageHash({ group, version, kind }: Kind): string {
  const hash = createHash('sha256').update([group, version, kind].join('/')).digest()
  return hash.subarray(0, 8).toString('base64')
}

function groupOf(name: string) {
  const versions = [
    ...new Set(ALL_KINDS.filter(({ group }) => group === name).map(({ version }) => version)),
  ]
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: all, preferredVersion: all[0] }
}

function resourcesOf(kind: Kind): readonly object[] {
  const { plural, singular, namespaced, shortNames, categories } = kind
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...(kind.verbs.includes('list') ? { storageVersionHash: storageHash(kind) } : {}),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  }
  const below = kind.subresources.map((name) => {
    const { kind: other, group, version, verbs } = SUBRESOURCES[name]
    return {
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      ...(group === undefined ? {} : { group, version }),
      kind: other ?? kind.kind,
      verbs,
    }
  })
  return [own, ...below]
}

/** All of it in one answer, as newer clients ask. */
function list(version: string, all: readonly (readonly [string, readonly Kind[]])[]): Answer {
  const items = all.map(([name, kinds]) => ({
    metadata: name ? { name } : {},
    versions: [...Map.groupBy(kinds, ({ version: one }) => one)].map(([one, list]) => ({
      version: one,
      resources: list.map((kind) => aggregatedOf(kind)),
      freshness: 'Current',
    })),
  }))
  return {
    status: 200,
    json: {
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items,
    },
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
  }
}

function aggregatedOf(kind: Kind) {
  const { plural, singular, namespaced, shortNames, categories, subresources } = kind
  return {
    resource: plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: kind.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((name) => {
            const { kind: other, group, version, verbs } = SUBRESOURCES[name]
            return {
              subresource: name,
              responseKind: {
                group: group ?? kind.group,
                version: version ?? kind.version,
                kind: other ?? kind.kind,
              },
              verbs,
            }
          }),
        }
      : {}),
  }
}
