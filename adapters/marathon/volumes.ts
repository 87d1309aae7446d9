import type { App, Volume } from 'intermodal'
import { engineOf } from './container.ts'
import { CONFIG_IS_SECRET } from './env.ts'
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
    if (volume.type === 'claim' && volume.storageClass !== undefined && !speaks(options, '1.6'))
      report(
        'dropped',
        `/volumes${step(name)}/storageClass`,
        'Marathon has profiles of disks since 1.6',
      )
    const written = writeVolume(app, name, volume, { secrets, options }, report)
    volumes.push(...(written.volumes ?? []))
    parameters.push(...(written.parameters ?? []))
  }
  for (const [path, file] of Object.entries(app.files)) {
    const at = `/files${step(path)}`
    if ('content' in file) {
      report(
        'dropped',
        at,
        'Marathon brings no files of its own',
        'make it a config, or put it into the image',
      )
      continue
    }
    if (!speaks(options, '1.5')) {
      report('dropped', at, NO_FILES, 'read it from the environment')
      continue
    }
    if (file.mode !== undefined)
      report('dropped', `${at}/mode`, 'the file belongs to root, mode 0444')
    if ('config' in file) report('approximated', at, CONFIG_IS_SECRET)
    volumes.push({ containerPath: path, secret: secrets.declare(file) })
  }
  return { volumes, parameters }
}

const NO_FILES = 'Marathon makes files of secrets since 1.5'

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
      return writeClaim(name, volume, at, report)
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

/** A persistent volume lies in the sandbox; a second one shows it where it is wanted. */
function writeClaim(
  name: string,
  volume: Extract<Volume, { type: 'claim' }>,
  at: string,
  report: Report,
): Partial<Written> {
  if (volume.access !== undefined && volume.access !== 'one')
    report(
      'dropped',
      `${at}/access`,
      'a persistent volume belongs to one agent',
      'use an external volume',
    )
  if (volume.storageClass !== undefined)
    report('approximated', `${at}/storageClass`, 'is the profile of the disk')
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
        persistent: {
          size: Math.ceil(volume.size / MEBIBYTE),
          ...(volume.storageClass === undefined ? {} : { profileName: volume.storageClass }),
        },
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
