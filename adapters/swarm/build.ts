import { type App, revisionOf } from 'intermodal'
import { writeContainer } from './container.ts'
import { writeFiles } from './files.ts'
import { APP, KIND, REVISION, writeLabels } from './labels.ts'
import type { Report } from './loss.ts'
import { writeMounts } from './mounts.ts'
import { serviceName } from './names.ts'
import type { SwarmNative } from './native.ts'
import { writeEndpoint, writeNetworks } from './network.ts'
import type { TranslateOptions } from './options.ts'
import { mergePatch } from './patch.ts'
import { writePlacement } from './placement.ts'
import { writeResources, writeRestart } from './task.ts'
import { writeUpdate } from './update-config.ts'
import type { ServiceSpec } from './wire.ts'
import type { ServiceMode } from './wire-policy.ts'

/** The model's words in Swarm's, without the memo. */
export function build(
  app: App,
  options: TranslateOptions,
  report: Report,
  revision: string = revisionOf(app),
): SwarmNative {
  const { configs, references } = writeFiles(app, report)
  const { networks, attachments } = writeNetworks(app, report)
  const mounts = writeMounts(app, report)
  const resources = writeResources(app, report)
  const placement = writePlacement(app, report)
  const service: ServiceSpec = {
    Name: serviceName(app.id),
    Labels: {
      ...writeLabels(app),
      [APP]: app.id,
      [KIND]: app.kind,
      [REVISION]: revision,
    },
    TaskTemplate: {
      ContainerSpec: {
        ...writeContainer(app, revision, options, report),
        ...(mounts.length > 0 ? { Mounts: mounts } : {}),
        ...references,
      },
      ...(resources ? { Resources: resources } : {}),
      RestartPolicy: writeRestart(app, report),
      ...(placement ? { Placement: placement } : {}),
      Networks: attachments,
    },
    Mode: writeMode(app, options),
    ...writeUpdate(app, options, report),
    EndpointSpec: writeEndpoint(app, options, report),
  }
  const patch = app.native?.swarm
  return {
    service: patch ? (mergePatch(service, patch) as ServiceSpec) : service,
    configs,
    networks,
  }
}

function writeMode(app: App, options: TranslateOptions): ServiceMode {
  if (app.kind === 'daemon') return { Global: {} }
  if (app.kind === 'job' || app.kind === 'cron') {
    const { parallelism, completions } = app.job ?? { parallelism: 1, completions: 1 }
    return { ReplicatedJob: { MaxConcurrent: parallelism, TotalCompletions: completions } }
  }
  const replicas = app.replicas ?? options.replicas
  return { Replicated: replicas === undefined ? {} : { Replicas: replicas } }
}
