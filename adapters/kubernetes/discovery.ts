import { IntermodalError } from 'intermodal'
import { isNotFound, isStatus } from './api-error.ts'
import { OLDER, type Resource } from './kinds.ts'
import type { Transport } from './transport.ts'

/** What the server says it has, asked once for each group and version. */
export class Discovery {
  readonly #transport: Transport
  readonly #discovered = new Map<string, Promise<readonly Resource[]>>()

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** A kind of ours where this server has it. Throws `UNSUPPORTED` where it has none to write to. */
  async serving(resource: Resource, signal: AbortSignal, writing: boolean): Promise<Resource> {
    const older = OLDER.get(resource)
    if (older === undefined) return resource
    try {
      const found = await this.#discover(resource.apiVersion, signal)
      if (found.some(({ kind }) => kind === resource.kind)) return resource
    } catch (error) {
      // Discovery can be forbidden; all but old servers have it where we look first.
      if (isStatus(error, 403)) return resource
      throw error
    }
    if (writing) await this.#needs(resource, older, signal)
    return { ...resource, apiVersion: older }
  }

  async #needs({ kind, apiVersion }: Resource, older: string, signal: AbortSignal): Promise<void> {
    const found = await this.#discover(older, signal)
    if (found.some((one) => one.kind === kind)) return
    throw new IntermodalError(
      'UNSUPPORTED',
      `the cluster has no ${kind}, neither in ${apiVersion} nor in ${older}`,
      { remedy: 'Kubernetes has it from 1.20 on: update the cluster, or leave it out of the app' },
    )
  }

  /** Any kind. Throws `APP_INVALID` where there is none of that name. */
  async lookUp(apiVersion: string, kind: string, signal: AbortSignal): Promise<Resource> {
    const found = await this.#discover(apiVersion, signal)
    const resource = found.find((one) => one.kind === kind)
    if (resource) return resource
    throw new IntermodalError('APP_INVALID', `the cluster knows no ${kind} in ${apiVersion}`, {
      remedy: 'correct native.kubernetes.objects, or install what brings that kind',
    })
  }

  /** Asked once; what failed is asked again. */
  #discover(apiVersion: string, signal: AbortSignal): Promise<readonly Resource[]> {
    const known = this.#discovered.get(apiVersion)
    if (known) return known
    const asking = this.#ask(apiVersion, signal)
    asking.then(
      (found) => this.#discovered.set(apiVersion, Promise.resolve(found)),
      () => {}, // Told to whoever asked.
    )
    return asking
  }

  async #ask(apiVersion: string, signal: AbortSignal): Promise<readonly Resource[]> {
    const path = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`
    const asked = { verb: 'get', resource: path }
    try {
      const { resources = [] } = (await this.#transport.json({
        method: 'GET',
        path,
        asked,
        signal,
      })) as { readonly resources?: readonly { name: string; kind: string; namespaced: boolean }[] }
      return resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, kind, namespaced }) => ({ apiVersion, kind, plural: name, namespaced }))
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  }
}
