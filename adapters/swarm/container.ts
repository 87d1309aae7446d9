import type { App, AppInput } from 'intermodal'
import { formatDuration } from 'intermodal'
import { capability } from './canonical.ts'
import { readEnv, stableHostname, writeEnv } from './env.ts'
import { readHealthcheck, writeHealthcheck } from './healthcheck.ts'
import { APP, REVISION } from './labels.ts'
import type { Report } from './loss.ts'
import { milliseconds, nanoseconds, speaks, type TranslateOptions } from './options.ts'
import type { ContainerSpec } from './wire.ts'

const SHELL = ['/bin/sh', '-c'] as const

/** Everything but mounts, secrets and configs. */
export function writeContainer(
  app: App,
  revision: string,
  options: TranslateOptions,
  report: Report,
): ContainerSpec {
  reportImage(app, options, report)
  const env = writeEnv(app, report)
  const healthcheck = writeHealthcheck(app, report)
  return {
    Image: app.image,
    Labels: { [APP]: app.id, [REVISION]: revision },
    ...command(app),
    ...(app.workingDir === undefined ? {} : { Dir: app.workingDir }),
    ...(env.length > 0 ? { Env: env } : {}),
    ...(app.tty ? { TTY: true } : {}),
    ...(app.kind === 'stateful' ? { Hostname: stableHostname(app) } : {}),
    ...writeSecurity(app, options, report),
    ...writeStop(app, report),
    ...(healthcheck === undefined ? {} : { Healthcheck: healthcheck }),
  }
}

function command(app: App): ContainerSpec {
  if (app.shell !== undefined) return { Command: [...SHELL, app.shell] }
  return {
    ...(app.entrypoint === undefined ? {} : { Command: app.entrypoint }),
    ...(app.args === undefined ? {} : { Args: app.args }),
  }
}

function reportImage(app: App, options: TranslateOptions, report: Report): void {
  if (app.pullPolicy === 'ifNotPresent' || app.pullPolicy === 'never') {
    report(
      'approximated',
      '/pullPolicy',
      'a node asks the registry before each start, and takes its own copy when it gets no answer; a digest it has is not asked for',
      'name the image by its digest',
    )
  }
  if (app.registryAuth === undefined) return
  if (options.registryAuth) {
    report(
      'approximated',
      '/registryAuth',
      'a secret cannot be read back from Swarm: the credentials given to the adapter are used',
    )
  } else {
    report(
      'dropped',
      '/registryAuth',
      'a secret cannot be read back from Swarm, and the adapter was given no credentials',
      "give the adapter the registry's credentials",
    )
  }
}

function writeSecurity(app: App, options: TranslateOptions, report: Report): ContainerSpec {
  const { security } = app
  if (!security) return {}
  if (security.privileged) {
    report(
      'refused',
      '/security/privileged',
      'Swarm runs no privileged containers',
      'add the capabilities it needs to security.capabilities',
    )
  }
  if (security.group !== undefined && security.user === undefined) {
    report(
      'dropped',
      '/security/group',
      'Swarm sets a group only with a user',
      'give security.user',
    )
  }
  if (security.noNewPrivileges && !speaks(options, 44)) {
    report(
      'dropped',
      '/security/noNewPrivileges',
      'Swarm has it since API 1.44 (Docker 25)',
      'set "no-new-privileges": true in the daemon.json of the nodes',
    )
  }
  const { add, drop } = security.capabilities ?? {}
  return {
    ...(security.user === undefined ? {} : { User: userOf(security.user, security.group) }),
    ...(add && add.length > 0 ? { CapabilityAdd: add.map(capability) } : {}),
    ...(drop && drop.length > 0 ? { CapabilityDrop: drop.map(capability) } : {}),
    ...(security.readOnlyRootFilesystem ? { ReadOnly: true } : {}),
    ...(security.noNewPrivileges && speaks(options, 44)
      ? { Privileges: { NoNewPrivileges: true } }
      : {}),
  }
}

function userOf(user: string | number, group: string | number | undefined): string {
  return group === undefined ? String(user) : `${user}:${group}`
}

function writeStop(app: App, report: Report): ContainerSpec {
  const { signal, gracePeriod, preStop, drainDelay } = app.stop
  if (preStop !== undefined) {
    report(
      'dropped',
      '/stop/preStop',
      'Swarm runs no command before the stop signal',
      'let the program do it when it gets the signal, and give stop.gracePeriod the time',
    )
  }
  if (drainDelay !== undefined && drainDelay > 0) {
    report(
      'dropped',
      '/stop/drainDelay',
      'Swarm sends the stop signal at once',
      'let the program wait after the signal, and give stop.gracePeriod the time',
    )
  }
  return {
    ...(signal === undefined ? {} : { StopSignal: signal }),
    ...(gracePeriod === undefined ? {} : { StopGracePeriod: nanoseconds(gracePeriod) }),
  }
}

/** Takes a canonical spec. What the model cannot say is left out, and found by comparing afterwards. */
export function readContainer(container: ContainerSpec): Partial<AppInput> {
  const { Image, Dir, Env, TTY, Healthcheck } = container
  const env = readEnv(Env ?? [])
  const probes = Healthcheck && readHealthcheck(Healthcheck)
  const security = readSecurity(container)
  const stop = readStop(container)
  return {
    ...(Image === undefined ? {} : { image: Image }),
    ...readCommand(container),
    ...(Dir?.startsWith('/') ? { workingDir: Dir } : {}),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(TTY ? { tty: true } : {}),
    ...(probes === undefined ? {} : { probes }),
    ...(Object.keys(security).length > 0 ? { security } : {}),
    ...(Object.keys(stop).length > 0 ? { stop } : {}),
  }
}

function readCommand({ Command, Args }: ContainerSpec): Partial<AppInput> {
  const [shell, flag, line, ...more] = Command ?? []
  if (shell === SHELL[0] && flag === SHELL[1] && line && more.length === 0 && Args === undefined) {
    return { shell: line }
  }
  return {
    ...(Command === undefined ? {} : { entrypoint: [...Command] }),
    ...(Args === undefined ? {} : { args: [...Args] }),
  }
}

function readSecurity(container: ContainerSpec): NonNullable<AppInput['security']> {
  const [user, group] = container.User?.split(':', 2) ?? []
  const add = container.CapabilityAdd?.map(plainCapability).filter(isCapability)
  const drop = container.CapabilityDrop?.map(plainCapability).filter(isCapability)
  return {
    ...(user ? { user: number(user) } : {}),
    ...(user && group ? { group: number(group) } : {}),
    ...(add || drop
      ? { capabilities: { ...(add ? { add } : {}), ...(drop ? { drop } : {}) } }
      : {}),
    ...(container.ReadOnly ? { readOnlyRootFilesystem: true } : {}),
    ...(container.Privileges?.NoNewPrivileges ? { noNewPrivileges: true } : {}),
  }
}

function plainCapability(name: string): string {
  return name.replace(/^CAP_/, '')
}

function isCapability(name: string): boolean {
  return /^[A-Z_]+$/.test(name)
}

function number(text: string): number | string {
  return /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : text
}

function readStop({ StopSignal, StopGracePeriod }: ContainerSpec): NonNullable<AppInput['stop']> {
  const grace = StopGracePeriod === undefined ? undefined : milliseconds(StopGracePeriod)
  return {
    ...(StopSignal !== undefined && /^SIG[A-Z0-9+-]+$/.test(StopSignal)
      ? { signal: StopSignal }
      : {}),
    // Ten seconds is what Swarm takes when nobody says.
    ...(grace === undefined || grace === 10_000 ? {} : { gracePeriod: formatDuration(grace) }),
  }
}
