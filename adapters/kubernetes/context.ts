import { type App, nameOf } from 'intermodal'
import { podSelector } from './labels.ts'
import type { Report } from './loss.ts'
import { objectName } from './names.ts'
import { type KubernetesPatch, readNativePatch } from './native-patch.ts'
import type { TranslateOptions } from './options.ts'
import type { Labels } from './wire.ts'

/** What every part of a translation needs. */
export interface Context {
  readonly app: App
  /** Of the workload, and what the names of everything else begin with. */
  readonly name: string
  /** Of the main container. */
  readonly container: string
  /** What pods are selected by. */
  readonly selector: Labels
  readonly patch: KubernetesPatch
  readonly options: TranslateOptions
  readonly report: Report
}

export function contextOf(app: App, options: TranslateOptions, report: Report): Context {
  const name = objectName(app.id)
  const patch = readNativePatch(app.native?.kubernetes, report)
  return {
    app,
    name,
    container: patch.container ?? mainContainer(app),
    selector: patch.selector ?? podSelector(name),
    patch,
    options,
    report,
  }
}

/** The app's own name, unless a sidecar or an init container has it. */
export function mainContainer(app: App): string {
  const taken = new Set([...Object.keys(app.sidecars), ...app.init.map(({ name }) => name)])
  const own = nameOf(app.id)
  for (const name of [own, 'main', 'app']) if (!taken.has(name)) return name
  return `${own.slice(0, 52)}-${taken.size}`
}
