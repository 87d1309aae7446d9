import type { App, Sidecar } from 'intermodal'
import { escapeDollars, readEnv, unescapeDollars, writeEnv } from './env.ts'
import { type Report, step } from './loss.ts'
import { readResources, writeResources } from './resources.ts'
import { readSecurity, writeSecurity } from './security.ts'
import type { Container, VolumeMount } from './wire.ts'

const PULL = { always: 'Always', ifNotPresent: 'IfNotPresent', never: 'Never' } as const

/** What main container, sidecars and init containers have in common. `path` is the container's place in the app. */
export function writeCommon(
  app: App,
  name: string,
  given: Omit<Sidecar, 'mounts'>,
  mounts: readonly VolumeMount[],
  path: string,
  report: Report,
): Container {
  const env = writeEnv(app, given.env)
  const resources = writeResources(given.resources, `${path}/resources`, report)
  const securityContext = writeSecurity(given.security, `${path}/security`, report)
  if (given.args?.length === 0 && given.entrypoint === undefined) {
    report(
      'dropped',
      `${path}/args`,
      "Kubernetes reads an empty list as the image's own CMD",
      'give the entrypoint as well',
    )
  }
  return {
    name,
    image: given.image,
    ...(given.pullPolicy === undefined ? {} : { imagePullPolicy: PULL[given.pullPolicy] }),
    ...writeCommand(given),
    ...(given.workingDir === undefined ? {} : { workingDir: given.workingDir }),
    ...(env.length > 0 ? { env } : {}),
    ...(resources ? { resources } : {}),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(securityContext ? { securityContext } : {}),
  }
}

function writeCommand({
  shell,
  entrypoint,
  args,
}: Pick<Sidecar, 'shell' | 'entrypoint' | 'args'>): Partial<Container> {
  if (shell !== undefined) return { command: ['/bin/sh', '-c', escapeDollars(shell)] }
  return {
    ...(entrypoint === undefined ? {} : { command: entrypoint.map(escapeDollars) }),
    ...(args === undefined || args.length === 0 ? {} : { args: args.map(escapeDollars) }),
  }
}

export function readCommon(found: Container): Record<string, unknown> {
  const env = readEnv(found.env)
  const resources = readResources(found.resources)
  const security = readSecurity(found.securityContext)
  const pull = Object.entries(PULL).find(([, word]) => word === found.imagePullPolicy)?.[0]
  return {
    ...(found.image === undefined ? {} : { image: found.image }),
    ...(pull === undefined ? {} : { pullPolicy: pull }),
    ...readCommand(found),
    ...(found.workingDir === undefined ? {} : { workingDir: found.workingDir }),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(Object.keys(resources).length > 0 ? { resources } : {}),
    ...(security ? { security } : {}),
  }
}

function readCommand({ command, args }: Container): object {
  const entrypoint = command?.map(unescapeDollars)
  const rest = args?.map(unescapeDollars)
  const line = entrypoint?.[2]
  if (
    entrypoint?.length === 3 &&
    entrypoint[0] === '/bin/sh' &&
    entrypoint[1] === '-c' &&
    line &&
    !rest?.length
  ) {
    return { shell: line }
  }
  return {
    ...(entrypoint?.length && !entrypoint.includes(undefined) ? { entrypoint } : {}),
    ...(rest?.length && !rest.includes(undefined) ? { args: rest } : {}),
  }
}

/** The place of a further container in the app. */
export function sidecarPath(name: string): string {
  return `/sidecars${step(name)}`
}
