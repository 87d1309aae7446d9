import { revisionOf } from 'intermodal'
import { sidecarPath, writeCommon } from './container.ts'
import type { Context } from './context.ts'
import type { Files } from './files.ts'
import { step } from './loss.ts'
import { MATERIAL, OWNER, REVISION } from './marks.ts'
import { formatMaterial, materialOf } from './material-refs.ts'
import { mergePatch } from './patch.ts'
import { writePlacement } from './placement.ts'
import { writePorts } from './ports.ts'
import { writeProbes } from './probes.ts'
import { writeGrace, writeStop } from './stop.ts'
import { furtherMounts, mainMounts, type Volumes } from './volumes.ts'
import type { Container, PodSpec, PodTemplate } from './wire.ts'

/** What every instance is made from. Nothing in it depends on the parts of an app that change without replacing instances. */
export function writePod(context: Context, files: Files, volumes: Volumes): PodTemplate {
  const { app, selector, name, patch } = context
  const material = materialOf(app)
  const template: PodTemplate = {
    metadata: {
      labels: { ...selector, [OWNER]: name },
      annotations: {
        [REVISION]: revisionOf(app),
        ...(material.length > 0 ? { [MATERIAL]: formatMaterial(material) } : {}),
      },
    },
    spec: writePodSpec(context, files, volumes),
  }
  return patch.pod ? (mergePatch(template, patch.pod) as PodTemplate) : template
}

function writePodSpec(context: Context, files: Files, volumes: Volumes): PodSpec {
  const { app, report } = context
  const finite = app.kind === 'job' || app.kind === 'cron'
  const sidecars = writeSidecars(context, files)
  // A plain second container would keep a job from ever ending.
  const started = finite ? sidecars.map((one) => ({ ...one, restartPolicy: 'Always' })) : []
  const initContainers = [...started, ...writeInit(context, files)]
  const all = [...files.volumes, ...volumes.volumes]
  return {
    ...(initContainers.length > 0 ? { initContainers } : {}),
    containers: [writeMain(context, files), ...(finite ? [] : sidecars)],
    ...(all.length > 0 ? { volumes: all } : {}),
    ...(finite ? { restartPolicy: 'Never' } : {}),
    ...writeGrace(app, report),
    ...writePullSecret(context),
    ...writeNetwork(context),
    ...writePlacement(context),
  }
}

function writeMain(context: Context, files: Files): Container {
  const { app, container, report } = context
  const mounts = [...mainMounts(app), ...(files.mounts.get('/files') ?? [])]
  const ports = writePorts(app, report)
  return {
    ...writeCommon(app, container, app, mounts, '', report),
    ...(ports.length > 0 ? { ports } : {}),
    ...writeProbes(app, report),
    ...writeStop(app, report),
    ...(app.tty === undefined ? {} : { tty: app.tty }),
  }
}

function writeSidecars({ app, report }: Context, files: Files): Container[] {
  // A record has no order of its own: the same app has the same pods.
  const sidecars = Object.entries(app.sidecars).sort(([a], [b]) => (a < b ? -1 : 1))
  return sidecars.map(([name, sidecar]) => {
    const path = sidecarPath(name)
    const own = files.mounts.get(`${path}/files`) ?? []
    return writeCommon(app, name, sidecar, [...furtherMounts(sidecar.mounts), ...own], path, report)
  })
}

function writeInit({ app, report }: Context, files: Files): Container[] {
  return app.init.map((init, index) => {
    const path = `/init${step(index)}`
    const own = files.mounts.get(`${path}/files`) ?? []
    return writeCommon(app, init.name, init, [...furtherMounts(init.mounts), ...own], path, report)
  })
}

function writePullSecret({ app, report }: Context): Partial<PodSpec> {
  const auth = app.registryAuth
  if (!auth) return {}
  if (auth.key !== undefined && auth.key !== '.dockerconfigjson') {
    report(
      'approximated',
      '/registryAuth/key',
      'Kubernetes reads the key .dockerconfigjson of a secret of that type',
    )
  }
  return { imagePullSecrets: [{ name: auth.secret }] }
}

function writeNetwork({ app, report }: Context): Partial<PodSpec> {
  const { mode, names } = app.network ?? {}
  if (mode === 'bridge') {
    report(
      'approximated',
      '/network/mode',
      'each instance has an address of its own on the cluster network',
    )
  }
  for (const index of (names ?? []).keys()) {
    report(
      'dropped',
      `/network/names${step(index)}`,
      'a cluster has one network, which every instance is on',
      'keep others out with a NetworkPolicy, in native.kubernetes.objects',
    )
  }
  return mode === 'host' ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}
}
