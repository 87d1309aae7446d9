import { notValid } from '../errors.ts'
import type { AppDefinition } from '../normal/app.ts'
import type { RuleContext } from './app.ts'

/** Each volume is of one kind, and each kind has its conditions. */
export function volumeRules(app: AppDefinition, { features }: RuleContext, at: string): void {
  for (const [index, volume] of (app.container?.volumes ?? []).entries()) {
    const path = `${at}/container/volumes(${index})`
    const { containerPath, mode, persistent, external, secret, hostPath } = volume
    if (!containerPath) throw notValid(`${path}/containerPath`, 'must not be empty')
    if (persistent) {
      if (containerPath.includes('/'))
        throw notValid(`${path}/containerPath`, "value must not contain '/'")
      if (persistent.size <= 0)
        throw notValid(`${path}/persistent/size`, 'got 0, expected more than 0')
      if (mode !== 'RW') throw notValid(`${path}/mode`, 'persistent volumes must be RW')
    } else if (external) {
      if (!features.includes('external_volumes'))
        throw notValid(
          `${path}/external`,
          'Feature external_volumes is not enabled. Enable with --enable_features external_volumes)',
        )
      if (app.instances > 1 && !external.shared)
        throw notValid(`${at}/instances`, 'got 2, expected 1 or less')
      if (!external.provider) throw notValid(`${path}/external/provider`, 'not defined')
    } else if (secret === undefined && hostPath === undefined) {
      throw notValid(path, 'error.expected.jsobject')
    }
  }
}
