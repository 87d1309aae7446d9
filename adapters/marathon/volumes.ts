import type { App, Volume } from 'intermodal'
import { engineOf } from './container.ts'
import { NO_FILES, secretFiles } from './files.ts'
import { type Report, step } from './loss.ts'
import { MEBIBYTE, speaks, type TranslateOptions } from './options.ts'
import type { SecretTable } from './secrets.ts'
import type { AppVolume, DockerInfo } from './wire.ts'

type Parameter = NonNullable<DockerInfo['parameters']>[number]

interface Written {
  readonly volumes: readonly AppVolume[]
  /** What Docker itself is told. */
  readonly parameters: readonly Parameter[]
}

/** Where instances find their sandbox. */
export const SANDBOX = '/mnt/mesos/sandbox/'

export function writeVolumes(
  app: App,
  secrets: SecretTable,
  options: TranslateOptions,
  report: Report,
): Written {
  const volumes: AppVolume[] = []
  const parameters: Parameter[] = []
  for (const [name, volume] of Object.entries(app.volumes)) {
    const fromStore = volume.type === 'secret' || volume.type === 'config'
    if (fromStore && !speaks(options, '1.5')) {
      report('dropped', `/volumes${step(name)}`, NO_FILES, 'read it from the environment')
      continue
    }
    const written = writeVolume(app, name, volume, { secrets, options }, report)
    volumes.push(...(written.volumes ?? []))
    parameters.push(...(written.parameters ?? []))
  }
  for (const { path, secret } of secretFiles(app, secrets, options, report))
    volumes.push({ containerPath: path, secret })
  return { volumes, parameters }
}

function writeVolume(
  app: App,
  name: string,
  volume: Volume,
  { secrets, options }: { readonly secrets: SecretTable; readonly options: TranslateOptions },
  report: Report,
): Partial<Written> {
  const at = `/volumes${step(name)}`
  const mode = volume.readOnly ? 'RO' : 'RW'
  const docker = engineOf(app, options) === 'DOCKER'
  switch (volume.type) {
    case 'host':
      return { volumes: [{ containerPath: volume.mountPath, hostPath: volume.path, mode }] }
    case 'empty':
      report(
        'approximated',
        `${at}/type`,
        "is a directory of the instance's sandbox, which is kept for a while",
      )
      if (volume.size !== undefined)
        report(
          'dropped',
          `${at}/size`,
          'the sandbox has one limit for all',
          'set resources.limits.disk',
        )
      return { volumes: [{ containerPath: volume.mountPath, hostPath: name, mode }] }
    case 'tmpfs': {
      if (!docker) {
        report('dropped', at, "only Docker's engine mounts memory", 'make it an empty volume')
        return {}
      }
      const size = volume.size === undefined ? [] : [`size=${volume.size}`]
      const options = [...size, ...(volume.readOnly ? ['ro'] : [])]
      return {
        parameters: [
          {
            key: 'tmpfs',
            value: [volume.mountPath, ...(options.length > 0 ? [options.join(',')] : [])].join(':'),
          },
        ],
      }
    }
    case 'named':
      return writeNamed(name, volume, { docker, mode, at }, report)
    case 'claim':
      return writeClaim(name, volume, options, report)
    case 'config':
    case 'secret': {
      report(
        'approximated',
        `${at}/type`,
        'is one file with the whole value, not a directory with a file for each key',
        'name single keys under files',
      )
      if (volume.readOnly === false)
        report('dropped', `${at}/readOnly`, 'what comes from the secret store cannot be written to')
      const reference =
        volume.type === 'config' ? { config: volume.config } : { secret: volume.secret }
      return { volumes: [{ containerPath: volume.mountPath, secret: secrets.declare(reference) }] }
    }
  }
}

function writeNamed(
  key: string,
  volume: Extract<Volume, { type: 'named' }>,
  {
    docker,
    mode,
    at,
  }: { readonly docker: boolean; readonly mode: 'RO' | 'RW'; readonly at: string },
  report: Report,
): Partial<Written> {
  const name = volume.name ?? key
  if (docker && volume.driver === undefined) {
    if (volume.options) {
      report(
        'dropped',
        `${at}/options`,
        'Docker makes the volume by its defaults',
        'make it beforehand',
      )
    }
    const parts = [name, volume.mountPath, ...(mode === 'RO' ? ['ro'] : [])]
    return { parameters: [{ key: 'volume', value: parts.join(':') }] }
  }
  report(
    'approximated',
    at,
    'Marathon runs at most one instance of an app with an external volume',
    'set replicas to 1',
  )
  if (docker && volume.options)
    report(
      'dropped',
      `${at}/options`,
      "Docker's engine takes only the driver's name",
      'make it beforehand',
    )
  const options = Object.entries(docker ? {} : (volume.options ?? {})).map(
    ([option, value]) => [option, value] as const,
  )
  return {
    volumes: [
      {
        containerPath: volume.mountPath,
        mode,
        external: {
          name,
          provider: 'dvdi',
          options: { 'dvdi/driver': volume.driver ?? 'local', ...Object.fromEntries(options) },
        },
      },
    ],
  }
}

type Claim = Extract<Volume, { type: 'claim' }>

/** What is reserved for a claim, on one agent. */
export function writePersistent(
  name: string,
  { access, storageClass, size }: Claim,
  options: TranslateOptions,
  report: Report,
): NonNullable<AppVolume['persistent']> {
  const at = `/volumes${step(name)}`
  if (access !== undefined && access !== 'one')
    report(
      'dropped',
      `${at}/access`,
      'a persistent volume belongs to one agent',
      'use an external volume',
    )
  const profiles = speaks(options, '1.6')
  if (storageClass !== undefined && profiles)
    report('approximated', `${at}/storageClass`, 'is the profile of the disk')
  if (storageClass !== undefined && !profiles)
    report('dropped', `${at}/storageClass`, 'Marathon has profiles of disks since 1.6')
  return {
    size: Math.ceil(size / MEBIBYTE),
    ...(storageClass === undefined || !profiles ? {} : { profileName: storageClass }),
  }
}

/** A persistent volume lies in the sandbox; a second one shows it where it is wanted. */
function writeClaim(
  name: string,
  volume: Claim,
  options: TranslateOptions,
  report: Report,
): Partial<Written> {
  const persistent = writePersistent(name, volume, options, report)
  const inSandbox =
    volume.mountPath.startsWith(SANDBOX) && !volume.readOnly
      ? volume.mountPath.slice(SANDBOX.length)
      : ''
  const direct = /^[^/]+$/.test(inSandbox)
  const containerPath = direct ? inSandbox : name
  return {
    volumes: [
      {
        containerPath,
        mode: 'RW',
        persistent,
      },
      ...(direct
        ? []
        : [
            {
              containerPath: volume.mountPath,
              hostPath: containerPath,
              mode: volume.readOnly ? ('RO' as const) : ('RW' as const),
            },
          ]),
    ],
  }
}
