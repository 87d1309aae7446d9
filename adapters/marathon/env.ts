import type { App, AppInput, EnvValue } from 'intermodal'
import { type Report, step } from './loss.ts'
import { isReference, readEnvValue, type SecretTable } from './secrets.ts'
import type { AppDefinition, EnvVar } from './wire.ts'

export function writeEnv(
  app: Pick<App, 'id'>,
  env: App['env'],
  at: string,
  secrets: SecretTable,
  report: Report,
): Readonly<Record<string, EnvVar>> {
  const written: Record<string, EnvVar> = {}
  for (const [name, value] of Object.entries(env)) {
    const variable = writeValue(app, value, `${at}${step(name)}`, secrets, report)
    if (variable !== undefined) written[name] = variable
  }
  return written
}

function writeValue(
  { id }: Pick<App, 'id'>,
  value: EnvValue,
  at: string,
  secrets: SecretTable,
  report: Report,
): EnvVar | undefined {
  if (typeof value === 'string') return value
  if (isReference(value)) {
    if ('config' in value) report('approximated', at, CONFIG_IS_SECRET)
    return { secret: secrets.declare(value) }
  }
  switch (value.field) {
    case 'app.id':
      return id
    case 'app.name':
      return id.slice(id.lastIndexOf('/') + 1)
    default:
      report('dropped', at, FIELDS[value.field], 'read that variable instead')
      return undefined
  }
}

export const CONFIG_IS_SECRET =
  'Marathon has no configs: it is read from the secret store, under configs/'

const FIELDS = {
  'instance.name': 'Mesos tells it in MESOS_TASK_ID, under that name only',
  'instance.ip': 'Mesos tells it in MESOS_CONTAINER_IP or HOST, under those names only',
  'node.name': 'Marathon tells it in HOST, under that name only',
} as const

/** What the model has no word for stays out, and comes back as a patch. */
export function readEnv({ env, secrets }: Pick<AppDefinition, 'env' | 'secrets'>): AppInput['env'] {
  return Object.fromEntries(
    Object.entries(env ?? {}).flatMap(([name, variable]) => {
      const value = /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) && readEnvValue(variable, secrets)
      return value === undefined || value === false ? [] : [[name, value] as const]
    }),
  )
}
