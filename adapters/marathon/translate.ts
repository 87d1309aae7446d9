import { type App, type Translation, writeMemo } from 'intermodal'
import { build } from './build.ts'
import { readWhole } from './interpret.ts'
import { MEMO } from './labels.ts'
import { lossList, type Report, step } from './loss.ts'
import type { MarathonNative } from './native.ts'
import { speaks, type TranslateOptions } from './options.ts'
import { basisOf } from './upgrade.ts'

/** An app in Marathon's words. Every field that is set is carried, or named by a loss. Pure. */
export function translate(app: App, options: TranslateOptions = {}): Translation<MarathonNative> {
  const { report, losses } = lossList()
  reportWhole(app, options, report)
  const native = build(app, options, report)
  const memo = writeMemo(app, readWhole(native), basisOf(app, options))
  return {
    native: memo === undefined ? native : { ...native, labels: { ...native.labels, [MEMO]: memo } },
    losses,
  }
}

function reportWhole(app: App, options: TranslateOptions, report: Report): void {
  const sidecars = Object.keys(app.sidecars).length > 0
  if (sidecars && !speaks(options, '1.4')) {
    report(
      'refused',
      '/sidecars',
      'Marathon runs several containers to an instance since 1.4',
      'make them apps of their own, or update Marathon',
    )
  }
  if (app.kind === 'cron') {
    report(
      'refused',
      '/schedule',
      'Marathon has no cron: nothing would ever start the job',
      'run it with Metronome or Chronos, or let a timer of your own apply a job',
    )
  }
  if (app.kind === 'daemon') {
    report(
      'refused',
      '/kind',
      'Marathon does not know how many nodes there are',
      'make it a service with placement.maxPerNode 1 and as many replicas as nodes',
    )
  }
  if (app.kind === 'job' && sidecars) {
    report(
      'refused',
      '/sidecars',
      'a pod of Marathon cannot tell when its job is done',
      'make it an app of its own',
    )
  }
  if (app.kind === 'stateful') {
    report(
      'approximated',
      '/kind',
      'instances keep their claims and their agent; they start in no fixed order and have no names of their own',
    )
  }
  for (const index of app.init.keys()) {
    report(
      'refused',
      `/init${step(index)}`,
      'Marathon runs nothing before an instance starts',
      'make it a job that the app depends on, or let the entrypoint do it',
    )
  }
  if (app.autoscale) {
    report('dropped', '/autoscale', 'Marathon does not scale by itself', 'set replicas')
  }
  if (app.disruption) {
    report(
      'dropped',
      '/disruption',
      'Mesos has no budgets: draining an agent moves everything on it at once',
      'drain agents one at a time',
    )
  }
}
