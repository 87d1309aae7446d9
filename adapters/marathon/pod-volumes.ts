import type { App } from 'intermodal'
import { secretFiles } from './files.ts'
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
  const files = [...secretFiles(app, secrets, options, report)]
  for (const [index, { path, secret }] of files.entries()) {
    const name = `file-${index}`
    volumes.push({ name, secret })
    mounts.push({ name, mountPath: path })
  }
  return { volumes, mounts }
}
