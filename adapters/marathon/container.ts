import type { App, AppInput } from 'intermodal'
import type { Report } from './loss.ts'
import { NO_IMAGE } from './network.ts'
import { seconds, speaks, type TranslateOptions } from './options.ts'
import type { SecretTable } from './secrets.ts'
import { commandLine } from './shell.ts'
import type { AppDefinition, Container, DockerInfo } from './wire.ts'

type Parameter = NonNullable<DockerInfo['parameters']>[number]
type Engine = NonNullable<Container['type']>

/**
 * Docker runs images as people know it. Files from the secret store, GPUs and registry credentials are known to Mesos' own
 * containerizer only.
 */
export function engineOf(app: App, options: TranslateOptions): Engine {
  const modern = speaks(options, '1.5')
  const fromStore =
    Object.values(app.files).some((file) => !('content' in file)) ||
    Object.values(app.volumes).some(({ type }) => type === 'secret' || type === 'config')
  const several = (app.network?.names?.length ?? 0) > 1
  const pod = Object.keys(app.sidecars).length > 0
  const mesos = pod || app.resources.gpus || (modern && (fromStore || several || app.registryAuth))
  return mesos || app.image === NO_IMAGE ? 'MESOS' : 'DOCKER'
}

/** What starts: `cmd` goes through `/bin/sh -c` and hides the image's entrypoint, `args` follow it. */
export function writeCommand(
  app: App,
  options: TranslateOptions,
  report: Report,
): Pick<AppDefinition, 'cmd' | 'args'> {
  const { shell, entrypoint, args } = app
  if (shell !== undefined) return { cmd: shell }
  if (entrypoint && (engineOf(app, options) === 'MESOS' || (entrypoint[0] ?? '') === '')) {
    report('approximated', '/entrypoint', 'is started through /bin/sh, which the image has to have')
    return { cmd: `exec ${commandLine([...entrypoint, ...(args ?? [])])}` }
  }
  const all = [...(entrypoint?.slice(1) ?? []), ...(args ?? [])]
  return all.length > 0 ? { args: all } : {}
}

export function writeDocker(
  app: App,
  parameters: readonly Parameter[],
  secrets: SecretTable,
  options: TranslateOptions,
  report: Report,
): DockerInfo {
  const docker = engineOf(app, options) === 'DOCKER'
  const own = docker ? writeParameters(app) : []
  if (!docker) reportMesos(app, report)
  if (app.pullPolicy === 'never')
    report('approximated', '/pullPolicy', 'is fetched where the agent does not have it')
  const auth = speaks(options, '1.5') ? app.registryAuth : undefined
  if (app.registryAuth && !auth)
    report(
      'dropped',
      '/registryAuth',
      'Marathon takes credentials of a registry since 1.5',
      'put them on the agents',
    )
  if (auth?.key !== undefined) {
    report('dropped', '/registryAuth/key', 'the whole secret has to be a Docker config.json')
  }
  const all = [...own, ...parameters]
  return {
    image: app.image,
    ...(app.pullPolicy === undefined ? {} : { forcePullImage: app.pullPolicy === 'always' }),
    ...(app.security?.privileged && docker ? { privileged: true } : {}),
    ...(all.length > 0 ? { parameters: all } : {}),
    ...(auth ? { pullConfig: { secret: secrets.declare({ secret: auth.secret }) } } : {}),
  }
}

function writeParameters({ security, stop, workingDir, entrypoint }: App): readonly Parameter[] {
  const parameters: Parameter[] = []
  const add = (key: string, value: string) => parameters.push({ key, value })
  if (entrypoint?.[0]) add('entrypoint', entrypoint[0])
  if (workingDir !== undefined) add('workdir', workingDir)
  const { user, group, capabilities } = security ?? {}
  if (user !== undefined) add('user', group === undefined ? `${user}` : `${user}:${group}`)
  for (const name of capabilities?.add ?? []) add('cap-add', name)
  for (const name of capabilities?.drop ?? []) add('cap-drop', name)
  if (security?.readOnlyRootFilesystem) add('read-only', 'true')
  if (security?.noNewPrivileges) add('security-opt', 'no-new-privileges')
  if (stop.signal !== undefined) add('stop-signal', stop.signal)
  return parameters
}

const MESOS_ONLY =
  "Mesos' own containerizer, which files from the secret store, GPUs and registry credentials need, has no word for it"

function reportMesos({ security, stop, workingDir }: App, report: Report): void {
  const lost: readonly (readonly [path: string, set: unknown])[] = [
    ['/workingDir', workingDir],
    ['/stop/signal', stop.signal],
    ['/security/group', security?.group],
    ['/security/privileged', security?.privileged],
    ['/security/capabilities', security?.capabilities],
    ['/security/readOnlyRootFilesystem', security?.readOnlyRootFilesystem],
    ['/security/noNewPrivileges', security?.noNewPrivileges],
  ]
  for (const [path, set] of lost)
    if (set !== undefined && set !== false)
      report('dropped', path, MESOS_ONLY, 'put it into the image')
}

export function writeRest(
  app: App,
  options: TranslateOptions,
  report: Report,
): Pick<AppDefinition, 'user' | 'tty' | 'taskKillGracePeriodSeconds'> {
  const { security, stop, tty } = app
  const docker = engineOf(app, options) === 'DOCKER'
  if (security?.group !== undefined && security.user === undefined && docker)
    report('dropped', '/security/group', 'a group alone cannot be set', 'set the user as well')
  if (tty !== undefined && !speaks(options, '1.5'))
    report('dropped', '/tty', 'Marathon gives terminals since 1.5')
  if (stop.preStop) {
    report(
      'dropped',
      '/stop/preStop',
      'Marathon runs nothing before the signal',
      'let the process handle it',
    )
  }
  if (stop.drainDelay !== undefined) {
    report(
      'dropped',
      '/stop/drainDelay',
      'Marathon sends the signal at once',
      'let the process go on for a while after the signal',
    )
  }
  return {
    ...(security?.user !== undefined && !docker ? { user: String(security.user) } : {}),
    ...(tty === undefined || !speaks(options, '1.5') ? {} : { tty }),
    ...(stop.gracePeriod === undefined
      ? {}
      : { taskKillGracePeriodSeconds: seconds(stop.gracePeriod) }),
  }
}

type Read = Pick<
  AppInput,
  | 'image'
  | 'shell'
  | 'args'
  | 'entrypoint'
  | 'workingDir'
  | 'pullPolicy'
  | 'security'
  | 'tty'
  | 'registryAuth'
  | 'stop'
>

export function readContainer(app: AppDefinition): Read {
  const { docker } = app.container ?? {}
  const one = (key: string) => docker?.parameters?.find((entry) => entry.key === key)?.value
  const all = (key: string) =>
    (docker?.parameters ?? []).filter((entry) => entry.key === key).map(({ value }) => value)
  const image = docker?.image
  const entrypoint = one('entrypoint')
  const workingDir = one('workdir')
  const signal = one('stop-signal')
  const grace = app.taskKillGracePeriodSeconds
  const [user, group] = (one('user') ?? app.user ?? '').split(':')
  const [add, drop] = [all('cap-add'), all('cap-drop')]
  const security = {
    ...(user ? { user: /^\d+$/.test(user) ? Number(user) : user } : {}),
    ...(group ? { group: /^\d+$/.test(group) ? Number(group) : group } : {}),
    ...(docker?.privileged ? { privileged: true } : {}),
    ...(add.length + drop.length > 0
      ? {
          capabilities: {
            ...(add.length > 0 ? { add } : {}),
            ...(drop.length > 0 ? { drop } : {}),
          },
        }
      : {}),
    ...(one('read-only') === 'true' ? { readOnlyRootFilesystem: true } : {}),
    ...(all('security-opt').includes('no-new-privileges') ? { noNewPrivileges: true } : {}),
  }
  return {
    image: image && /^[^\s/]\S*$/.test(image) ? image : NO_IMAGE,
    ...(app.cmd ? { shell: app.cmd } : {}),
    ...(app.args?.length && !app.cmd ? { args: [...app.args] } : {}),
    ...(entrypoint && !app.cmd ? { entrypoint: [entrypoint] } : {}),
    ...(workingDir?.startsWith('/') ? { workingDir } : {}),
    ...(docker?.forcePullImage ? { pullPolicy: 'always' as const } : {}),
    ...(Object.keys(security).length > 0 ? { security } : {}),
    ...(app.tty === undefined ? {} : { tty: app.tty }),
    stop: {
      ...(signal && /^SIG[A-Z0-9+-]+$/.test(signal) ? { signal } : {}),
      ...(grace === undefined ? {} : { gracePeriod: `${grace}s` as const }),
    },
  }
}
