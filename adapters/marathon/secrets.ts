import type { EnvValue } from 'intermodal'
import type { AppDefinition, EnvVar } from './wire.ts'

/** Configs are kept in the same store, in a folder of their own. */
const CONFIGS = 'configs/'

export type Reference =
  | { readonly secret: string; readonly key?: string | undefined }
  | { readonly config: string; readonly key?: string | undefined }

/** Where the secret store keeps it: `name`, or `name/key`; configs under `configs/`. */
export function sourceOf(reference: Reference): string {
  const name = 'secret' in reference ? reference.secret : `${CONFIGS}${reference.config}`
  return reference.key === undefined ? name : `${name}/${reference.key}`
}

export function referenceOf(source: string): Reference | undefined {
  const config = source.startsWith(CONFIGS)
  const [, name, key] =
    /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)(?:\/([A-Za-z0-9._-]+))?$/.exec(
      config ? source.slice(CONFIGS.length) : source,
    ) ?? []
  if (name === undefined) return undefined
  const rest = key === undefined ? {} : { key }
  return config ? { config: name, ...rest } : { secret: name, ...rest }
}

export function isReference(value: EnvValue): value is Extract<EnvValue, object> & Reference {
  return typeof value === 'object' && ('secret' in value || 'config' in value)
}

/** The secrets of one definition, each declared once under a name made of its source. */
export class SecretTable {
  readonly #sources = new Map<string, string>()

  /** The name to refer to it by. */
  declare(reference: Reference): string {
    const source = sourceOf(reference)
    const name = source.replaceAll('/', '.')
    this.#sources.set(name, source)
    return name
  }

  toJSON(): Pick<AppDefinition, 'secrets'> {
    if (this.#sources.size === 0) return {}
    return {
      secrets: Object.fromEntries([...this.#sources].map(([name, source]) => [name, { source }])),
    }
  }
}

export function lookUp(
  secrets: AppDefinition['secrets'],
  name: string | undefined,
): Reference | undefined {
  const source = name === undefined ? undefined : secrets?.[name]?.source
  return source === undefined ? undefined : referenceOf(source)
}

export function readEnvValue(
  value: EnvVar,
  secrets: AppDefinition['secrets'],
): EnvValue | undefined {
  return typeof value === 'string' ? value : lookUp(secrets, value?.secret)
}
