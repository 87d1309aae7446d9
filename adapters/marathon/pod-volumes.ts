import type { App } from 'intermodal'
import { CONFIG_IS_SECRET } from './env.ts'
import { type Report, step } from './loss.ts'
import type { TranslateOptions } from './options.ts'
import type { SecretTable } from './secrets.ts'
import { writePersistent } from './volumes.ts'
import type { PodVolume } from './wire.ts'

export function writePodVolumes(
  app: App,
  secrets: SecretTable,
  options: TranslateOptions,
  report: Report,
) {
  const volumes: PodVolume[] = []
  const mounts: { name: string; mountPath: string; readOnly?: boolean }[] = []
  for (const [name, volume] of Object.entries(app.volumes)) {
    const at = `/volumes${step(name)}`
    mounts.push({
      name,
      mountPath: volume.mountPath,
      ...(volume.readOnly === undefined ? {} : { readOnly: volume.readOnly }),
    })
    switch (volume.type) {
      case 'host':
        volumes.push({ name, host: volume.path })
        break
      case 'claim':
        volumes.push({ name, persistent: writePersistent(name, volume, options, report) })
        break
      case 'config':
      case 'secret':
        report(
          'approximated',
          `${at}/type`,
          'is one file with the whole value, not a directory with a file for each key',
        )
        volumes.push({
          name,
          secret: secrets.declare(
            volume.type === 'config' ? { config: volume.config } : { secret: volume.secret },
          ),
        })
        break
      case 'named':
        report(
          'dropped',
          at,
          'pods of Marathon have no external volumes: it is empty',
          'make it an app without sidecars',
        )
        volumes.push({ name })
        break
      default:
        if (volume.type === 'tmpfs')
          report('approximated', `${at}/type`, 'lies on disk, in the sandbox')
        if (volume.size !== undefined)
          report(
            'dropped',
            `${at}/size`,
            'the sandbox has one limit for all',
            'set resources.limits.disk',
          )
        volumes.push({ name })
    }
  }
  for (const [index, [path, file]] of Object.entries(app.files).entries()) {
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
    if (file.mode !== undefined)
      report('dropped', `${at}/mode`, 'the file belongs to root, mode 0444')
    if ('config' in file) report('approximated', at, CONFIG_IS_SECRET)
    const name = `file-${index}`
    volumes.push({ name, secret: secrets.declare(file) })
    mounts.push({ name, mountPath: path })
  }
  return { volumes, mounts }
}
