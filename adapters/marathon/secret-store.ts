import { type AppId, IntermodalError, type Material } from 'intermodal'
import { isStatus } from './http-error.ts'
import { isPod, type MarathonNative } from './native.ts'
import { sourceOf } from './secrets.ts'
import type { Transport } from './transport.ts'

/**
 * The secret store of DC/OS, on the same address as Marathon: Marathon itself keeps no secrets, it only names them. Values
 * are compared before they are written, so that putting the same again changes nothing.
 */
export class SecretStore {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  async put(
    kind: 'secret' | 'config',
    { name, data }: Material,
    signal: AbortSignal,
  ): Promise<boolean> {
    const values =
      typeof data === 'string'
        ? [[undefined, data] as const]
        : Object.entries(data).map(([key, value]) => [key, value] as const)
    let changed = false
    for (const [key, value] of values) {
      const reference = kind === 'secret' ? { secret: name, key } : { config: name, key }
      const wrote = await this.#write(sourceOf(reference), value, signal)
      changed ||= wrote
    }
    return changed
  }

  /** Throws `APP_INVALID` naming the secrets that the store does not have. */
  async refuseMissing(id: AppId, native: MarathonNative, signal: AbortSignal): Promise<void> {
    const sources = Object.values(native.secrets ?? {}).map(({ source }) => source)
    const found = await Promise.all(sources.map((source) => this.#read(source, signal)))
    const missing = sources.filter((_, index) => found[index] === undefined)
    if (missing.length === 0) return
    throw new IntermodalError(
      'APP_INVALID',
      `${id} refers to ${missing.map((source) => `"${source}"`).join(', ')}, which the secret store does not have`,
      { app: id, remedy: `put ${isPod(native) ? 'them' : 'it'} there first` },
    )
  }

  async #write(source: string, value: string, signal: AbortSignal): Promise<boolean> {
    const before = await this.#read(source, signal)
    if (before === value) return false
    await this.#transport.root({
      method: before === undefined ? 'PUT' : 'PATCH',
      path: pathOf(source),
      body: { value },
      signal,
    })
    return true
  }

  async #read(source: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const { value } = await this.#transport.root<{ value?: string }>({
        method: 'GET',
        path: pathOf(source),
        signal,
      })
      return value?.value
    } catch (error) {
      if (isStatus(error, 404)) return undefined
      throw error
    }
  }
}

function pathOf(source: string): string {
  return `/secrets/v1/secret/default/${source.split('/').map(encodeURIComponent).join('/')}`
}
