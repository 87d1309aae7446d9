import type { Conversation } from './conversations.ts'
import { configMap, TABLE } from './specs.ts'

const versionOf = ({ metadata }: { readonly metadata?: unknown }) =>
  (metadata as { readonly resourceVersion: string }).resourceVersion

export const reads: Readonly<Record<string, Conversation>> = {
  async paging(talk) {
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await talk.ask(
        'POST',
        talk.core('configmaps'),
        configMap(name, { key: name }, { labels: { half: name < 'c' ? 'one' : 'two' } }),
      )
    const first = await talk.ask('GET', talk.core('configmaps?limit=2'))
    const next = (first.metadata as { readonly continue: string }).continue
    await talk.ask('GET', talk.core(`configmaps?limit=2&continue=${next}`))
    await talk.ask('GET', talk.core('configmaps?limit=2&continue=abc'))
    await talk.ask('GET', talk.core('configmaps?labelSelector=half%3Done'))
    await talk.ask('GET', talk.core('configmaps?labelSelector=half%20in%20(one,two)&limit=1'))
    await talk.ask('GET', talk.core('configmaps?labelSelector=a%3D%3D%3D'))
    await talk.ask('GET', talk.core('configmaps?fieldSelector=metadata.name%3Da'))
    await talk.ask('GET', talk.core('pods?fieldSelector=spec.nonsense%3Da'))
    await talk.ask('GET', talk.core('configmaps?resourceVersion=0'))
    await talk.ask('GET', talk.core('configmaps?resourceVersionMatch=Exact'))
    await talk.ask('DELETE', talk.core('configmaps?labelSelector=half%3Dtwo'))
  },

  async watching(talk) {
    const list = await talk.ask('GET', talk.core('configmaps'))
    const from = versionOf(list)
    await talk.ask(
      'POST',
      talk.core('configmaps'),
      configMap('a', { n: '1' }, { labels: { seen: 'yes' } }),
    )
    await talk.ask(
      'PUT',
      talk.core('configmaps/a'),
      configMap('a', { n: '2' }, { labels: { seen: 'yes' } }),
    )
    await talk.ask('PUT', talk.core('configmaps/a'), configMap('a', { n: '3' }))
    await talk.ask('PUT', talk.core('configmaps/a'), configMap('a', { n: '3' }))
    await talk.ask('DELETE', talk.core('configmaps/a'))
    await talk.watch(talk.core('configmaps?fieldSelector=metadata.name%3Da'), from)
    await talk.watch(talk.core('configmaps?labelSelector=seen%3Dyes'), from)
    await talk.watch(talk.core('configmaps?fieldSelector=metadata.name%3Dkube-root-ca.crt'), '')
    await talk.watch(
      talk.core(
        'configmaps?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
      ),
      '',
    )
  },

  async tables(talk) {
    await talk.ask('POST', talk.core('configmaps'), configMap('a', { n: '1' }))
    await talk.ask('GET', talk.core('configmaps/a'), undefined, TABLE)
    await talk.ask('GET', talk.core('configmaps'), undefined, TABLE)
    await talk.ask('GET', talk.core('configmaps?includeObject=None'), undefined, TABLE)
  },

  async discovery(talk) {
    for (const path of ['/version', '/api', '/apis/apps', '/apis/apps/v1', '/apis/batch/v1'])
      await talk.ask('GET', path)
  },
}
