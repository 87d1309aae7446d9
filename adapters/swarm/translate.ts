import { type App, type Translation, writeMemo } from 'intermodal'
import { build } from './build.ts'
import { readWhole } from './interpret.ts'
import { MEMO } from './labels.ts'
import { lossList, type Report } from './loss.ts'
import type { SwarmNative } from './native.ts'
import type { TranslateOptions } from './options.ts'
import { reportRefusals } from './refusals.ts'

/** An app in Swarm's words. Every field that is set is carried, or named by a loss. Pure. */
export function translate(app: App, options: TranslateOptions = {}): Translation<SwarmNative> {
  const { report, losses } = lossList()
  reportWhole(app, report)
  const native = build(app, options, report)
  reportRefusals(app, native, report)
  return { native: withMemo(app, native, options), losses }
}

function withMemo(app: App, native: SwarmNative, options: TranslateOptions): SwarmNative {
  const memo = writeMemo(app, readWhole(native, { ...options, endpointMode: undefined }))
  if (memo === undefined) return native
  const { service } = native
  return { ...native, service: { ...service, Labels: { ...service.Labels, [MEMO]: memo } } }
}

function reportWhole(app: App, report: Report): void {
  if (app.kind === 'cron') {
    report(
      'refused',
      '/schedule',
      'Swarm has no cron: nothing would ever start the job',
      'make it a "job" and let a timer of your own apply it, or run a scheduler as an app',
    )
  }
  if (app.kind === 'stateful') {
    report(
      'approximated',
      '/kind',
      'instances are numbered from 1, start and update in no fixed order, and only their host name is stable',
    )
  }
  for (const name of Object.keys(app.sidecars)) {
    report(
      'refused',
      `/sidecars/${name}`,
      'Swarm runs one container to an instance',
      'make it an app of its own in the same group, or put it into the image',
    )
  }
  for (const index of app.init.keys()) {
    report(
      'refused',
      `/init/${index}`,
      'Swarm runs nothing before an instance starts',
      'make it a job that the app depends on, or let the entrypoint do it',
    )
  }
  if (app.job?.deadline !== undefined) {
    report(
      'dropped',
      '/job/deadline',
      'Swarm lets a job run as long as it takes',
      'start the program through timeout(1)',
    )
  }
  if (app.autoscale) {
    report('dropped', '/autoscale', 'Swarm does not scale by itself', 'set replicas')
  }
  if (app.disruption) {
    report(
      'dropped',
      '/disruption',
      'Swarm has no budgets: draining a node moves everything on it at once',
      'drain nodes one at a time',
    )
  }
  if (app.onUnreachable) {
    report(
      'approximated',
      '/onUnreachable',
      'Swarm replaces the instances of a lost node after about 15 seconds, always',
    )
  }
}
