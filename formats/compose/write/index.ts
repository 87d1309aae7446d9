import {
  type App,
  type AppId,
  type AppInput,
  formatDuration,
  type Loss,
  printApp,
} from 'intermodal'
import { importApps } from '../../import.ts'
import { memoOf } from '../memo.ts'
import { Writing } from './context.ts'
import { lossesOf } from './losses.ts'
import { writeService } from './service.ts'

type Json = Record<string, unknown>

/** A Compose file, and what of the apps it cannot say. */
export interface WrittenCompose {
  /** The file, to be written as YAML. */
  readonly document: Readonly<Record<string, unknown>>
  /** Files that have to lie beside it, by their path from there. */
  readonly files: Readonly<Record<string, string>>
  readonly losses: readonly { readonly app: AppId; readonly loss: Loss }[]
}

/**
 * Apps as one Compose file that `docker compose` and `docker stack deploy` both take.
 *
 * The file is read back and compared: every difference is a loss, and is kept under `x-intermodal` of its service, which
 * Docker passes over, so that importing the file again gives the same apps.
 */
export async function writeCompose(apps: readonly App[]): Promise<WrittenCompose> {
  const file = new Writing(apps)
  const services: Record<string, Json> = {}
  for (const app of apps) {
    const name = file.serviceName(app.id) ?? app.id
    const service = escaped(writeService(app, file)) as Json
    services[name] = name.includes('_') ? { ...service, 'x-intermodal': { id: app.id } } : service
  }
  const found = await readBack(file, services, file.files)
  const bare = await readBack(file, services, {})
  const losses: { app: AppId; loss: Loss }[] = []
  for (const app of apps) {
    const name = file.serviceName(app.id) ?? app.id
    const wanted = printApp(app)
    for (const loss of lossesOf(spelledOut(app), spelledOut(found.get(app.id))))
      losses.push({ app: app.id, loss })
    for (const path of Object.keys(app.files)) {
      const source = app.files[path]
      if (source && 'content' in source)
        losses.push({ app: app.id, loss: besideLoss(path, `./${name}${path}`) })
    }
    const memo = memoOf(wanted, printed(bare.get(app.id)))
    const before = services[name]?.['x-intermodal'] as Json | undefined
    if (memo && services[name])
      services[name] = {
        ...services[name],
        'x-intermodal': { ...before, ...(escaped(memo) as Json) },
      }
  }
  return { document: documentOf(file, services), files: file.files, losses }
}

function besideLoss(path: string, beside: string): Loss {
  return {
    path: `/files/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/content`,
    kind: 'approximated',
    detail: `has to be in the file ${beside}, beside the Compose file`,
    remedy: 'write it there before you deploy',
  }
}

/** What importing the file gives for each app, without any memo. */
async function readBack(
  file: Writing,
  services: Record<string, Json>,
  files: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<AppId, App>> {
  const text = JSON.stringify(documentOf(file, services))
  const read = async (_: string, path: string) => {
    const found = files[`./${path}`]
    return found === undefined ? { problem: 'does not exist' } : { text: found }
  }
  const source = { file: 'compose.yaml', text, folder: '/' }
  const { apps } = await importApps([source], { from: 'compose', read })
  return new Map(apps.map((app) => [app.id, app]))
}

function printed(app: App | undefined): AppInput {
  return app ? printApp(app) : ({} as AppInput)
}

/** With the defaults that depend on the kind, which a Compose file may say otherwise. */
function spelledOut(app: App | undefined): AppInput {
  return app
    ? { ...printApp(app), kind: app.kind, update: printValue(app.update) }
    : ({} as AppInput)
}

function printValue({ batchDelay, minReadyTime, progressDeadline, ...rest }: App['update']) {
  return {
    ...rest,
    ...(batchDelay === undefined ? {} : { batchDelay: formatDuration(batchDelay) }),
    minReadyTime: formatDuration(minReadyTime),
    progressDeadline: formatDuration(progressDeadline),
  }
}

function documentOf(file: Writing, services: Record<string, Json>): Json {
  const { volumes, networks, secrets, configs } = file
  const sections = Object.entries({ volumes, networks, secrets, configs }).filter(
    ([, section]) => Object.keys(section).length > 0,
  )
  return {
    'x-intermodal': { group: file.group === '' ? '/' : file.group },
    services,
    ...(escaped(Object.fromEntries(sections)) as Json),
  }
}

/** Compose takes every `$` for the beginning of a variable. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$')
  if (Array.isArray(value)) return value.map(escaped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]))
}
