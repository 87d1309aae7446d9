import { type Adapter, type App, canonicalJson } from 'intermodal'
import { type ImportFormat, importApps } from 'intermodal/import'
import { type KubernetesNative, kubernetes } from 'intermodal/kubernetes'
import { marathon } from 'intermodal/marathon'
import { swarm } from 'intermodal/swarm'
import { describe, expect, it } from 'vitest'
import { vanishedKeys } from '../../scripts/vanished.ts'
import { ApiTypes } from '../raml/library.ts'
import { problemsOf } from '../raml/validate.ts'
import { appsIn, type Folder, readSource, sourcesIn } from './reading.ts'

const ALL = await appsIn()

describe('the corpus of Kubernetes, Marathon and Swarm', () => {
  it.each<[folder: Folder, keys: number]>([
    ['kubernetes', 2],
    ['kubernetes-health', 2],
    ['marathon', 3],
    ['pairs', 3],
    ['api-dumps', 6],
  ])('of %s loses no key without saying so', async (folder, keys) => {
    const vanished: string[] = []
    // Every file, and so many of its keys; npm run corpus -- --all tries each of them.
    for (const source of sourcesIn(folder))
      for (const key of await vanishedKeys(source, readSource, keys))
        vanished.push(`${source.file} ${key}`)
    expect(vanished).toEqual([])
  })

  it.each<Folder>(['kubernetes', 'kubernetes-health', 'marathon', 'pairs', 'api-dumps'])(
    'of %s is read, or refused with the reason and where it is',
    async (folder) => {
      for (const source of sourcesIn(folder)) {
        const { problems } = await readSource(source)
        for (const problem of problems)
          expect(problem).toMatchObject({
            file: source.file,
            line: expect.any(Number),
            message: expect.stringMatching(/^[^\n]{10,}$/),
          })
      }
    },
  )
})

const ENGINES: readonly (readonly [
  ImportFormat,
  Adapter,
  (native: never) => readonly unknown[],
])[] = [
  ['kubernetes', kubernetes(), ({ objects }: KubernetesNative) => objects],
  ['swarm', swarm(), (native) => [native]],
  ['marathon', marathon(), (native) => [native]],
]

describe.each(ENGINES)('every app of the corpus, for %s', (format, adapter, documentsOf) => {
  const rendered = (app: App) => {
    const { native, losses } = adapter.translate(app)
    return losses.some(({ kind }) => kind === 'refused') ? undefined : native
  }

  it('is the same app when it is imported from there', async () => {
    const changed: string[] = []
    for (const { file, app } of ALL) {
      const native = rendered(app)
      if (native === undefined) continue
      const text = documentsOf(native as never)
        .map((value) => JSON.stringify(value))
        .join('\n---\n')
      const again = await importApps([{ file, text }], { from: format })
      expect(again.problems, file).toEqual([])
      if (canonicalJson(again.apps[0]) !== canonicalJson(app)) changed.push(`${file} ${app.id}`)
    }
    expect(changed).toEqual([])
  })
})

describe('every app of the corpus, for Marathon', () => {
  it.each(['v1.5.15', 'v1.8.244', 'HEAD'] as const)('fits the description of %s', (folder) => {
    const version = folder === 'HEAD' ? '1.11' : folder.slice(1)
    const adapter = marathon({ version })
    const types = new ApiTypes(folder)
    const wrong: string[] = []
    let taken = 0
    for (const { file, app } of ALL) {
      const { native, losses } = adapter.translate(app)
      if (losses.some(({ kind }) => kind === 'refused')) continue
      taken++
      const type = 'containers' in native ? 'pod.Pod' : 'app.App'
      const own = app.native?.marathon ?? {}
      // What an app says in Marathon's own words goes there as it is.
      for (const problem of problemsOf(types, type, native))
        if (!Object.hasOwn(own, /^\/(\w+)/.exec(problem)?.[1] ?? ''))
          wrong.push(`${file} ${app.id} ${problem}`)
    }
    expect(taken).toBeGreaterThan(0.8 * ALL.length)
    expect(wrong).toEqual([])
  })
})
