import type { App } from 'intermodal'
import type { Report } from './loss.ts'
import type { SecurityContext } from './wire.ts'

type Security = NonNullable<App['security']>

export function writeSecurity(
  security: Security | undefined,
  path: string,
  report: Report,
): SecurityContext | undefined {
  if (!security) return undefined
  const { privileged, readOnlyRootFilesystem, noNewPrivileges } = security
  if (privileged && noNewPrivileges) {
    report(
      'refused',
      `${path}/noNewPrivileges`,
      'Kubernetes takes no privileged container that may not gain privileges',
      'leave one of the two out',
    )
  }
  const context: SecurityContext = {
    ...numbered('runAsUser', security.user, `${path}/user`, report),
    ...numbered('runAsGroup', security.group, `${path}/group`, report),
    ...(privileged === undefined ? {} : { privileged }),
    ...writeCapabilities(security.capabilities),
    ...(readOnlyRootFilesystem === undefined ? {} : { readOnlyRootFilesystem }),
    ...(noNewPrivileges === undefined ? {} : { allowPrivilegeEscalation: !noNewPrivileges }),
  }
  return Object.keys(context).length > 0 ? context : undefined
}

function numbered(
  key: 'runAsUser' | 'runAsGroup',
  who: number | string | undefined,
  path: string,
  report: Report,
): SecurityContext {
  if (who === undefined) return {}
  if (/^\d+$/.test(String(who))) return { [key]: Number(who) }
  report(
    'dropped',
    path,
    `Kubernetes knows users and groups by number only, not "${who}"`,
    'give the number, or name it in the image',
  )
  return {}
}

function writeCapabilities(given: Security['capabilities']): SecurityContext {
  const { add = [], drop = [] } = given ?? {}
  const capabilities = {
    ...(add.length > 0 ? { add: add.map(plain) } : {}),
    ...(drop.length > 0 ? { drop: drop.map(plain) } : {}),
  }
  return Object.keys(capabilities).length > 0 ? { capabilities } : {}
}

function plain(capability: string): string {
  return capability.replace(/^CAP_/, '')
}

export function readSecurity(found: SecurityContext | undefined): Security | undefined {
  if (!found) return undefined
  const { runAsUser, runAsGroup, privileged, capabilities, readOnlyRootFilesystem } = found
  const security: Security = {
    ...(runAsUser === undefined ? {} : { user: runAsUser }),
    ...(runAsGroup === undefined ? {} : { group: runAsGroup }),
    ...(privileged === undefined ? {} : { privileged }),
    ...(capabilities === undefined
      ? {}
      : {
          capabilities: {
            ...(capabilities.add ? { add: [...capabilities.add] } : {}),
            ...(capabilities.drop ? { drop: [...capabilities.drop] } : {}),
          },
        }),
    ...(readOnlyRootFilesystem === undefined ? {} : { readOnlyRootFilesystem }),
    ...(found.allowPrivilegeEscalation === undefined
      ? {}
      : { noNewPrivileges: !found.allowPrivilegeEscalation }),
  }
  return Object.keys(security).length > 0 ? security : undefined
}
