import { type AppId, IntermodalError } from 'intermodal'
import { HttpError, isStatus } from './http-error.ts'
import type { MarathonNative } from './native.ts'
import { isAtLeast } from './options.ts'
import { isObject } from './patch.ts'
import type { Received, Transport } from './transport.ts'
import type { AppDefinition, PodDefinition } from './wire.ts'
import type {
  AppInfo,
  Deployment,
  DeploymentResult,
  PodStatus,
  QueueItem,
  ServerInfo,
} from './wire-answers.ts'

/** What an accepted change is called. */
export interface Accepted {
  readonly version?: string | undefined
  readonly deployment?: string | undefined
}

/** Everything the status is judged by, and one at a time as little of it as will do. */
const EMBEDS = ['tasks', 'counts', 'deployments', 'readiness', 'lastTaskFailure'] as const

/** The calls we make. Absence is `undefined`; failures are `HttpError`s; an abort rethrows the signal's reason. */
export class Marathon {
  readonly #transport: Transport
  #info: ServerInfo | undefined

  constructor(transport: Transport) {
    this.#transport = transport
  }

  get at(): string {
    return this.#transport.at
  }

  /** Kept until the leader changes: a rolling upgrade of Marathon changes it too. */
  async info(signal: AbortSignal): Promise<ServerInfo> {
    const known = this.#info
    const { leader } = this.#transport
    if (known && (leader === undefined || known.leader === leader)) return known
    const { value } = await this.#get<ServerInfo>('/v2/info', isObject, signal)
    refuseOld(value.version, this.at)
    this.#info = value
    return value
  }

  /** What is known of the server without asking. */
  get version(): string | undefined {
    return this.#info?.version
  }

  /** One by one, as they come. */
  async *apps(signal: AbortSignal): AsyncGenerator<AppInfo, void, void> {
    const query = EMBEDS.map((embed) => `embed=apps.${embed}`).join('&')
    const items = this.#transport.items(
      { method: 'GET', path: `/v2/apps?${query}`, signal },
      'apps',
    )
    for await (const item of items) yield item as unknown as AppInfo
  }

  async app(id: AppId, signal: AbortSignal): Promise<AppInfo | undefined> {
    const query = EMBEDS.map((embed) => `embed=app.${embed}`).join('&')
    const answer = await absent(
      this.#get<{ readonly app: AppInfo }>(
        `/v2/apps${pathOf(id)}?${query}`,
        (value) => isObject(value) && isObject(value.app),
        signal,
      ),
    )
    return answer?.value.app
  }

  async *pods(signal: AbortSignal): AsyncGenerator<PodStatus, void, void> {
    const items = this.#transport.items({ method: 'GET', path: '/v2/pods/::status', signal })
    for await (const item of items) yield item as unknown as PodStatus
  }

  async pod(id: AppId, signal: AbortSignal): Promise<PodStatus | undefined> {
    const path = `/v2/pods${pathOf(id)}::status`
    const answer = await absent(
      this.#get<PodStatus>(path, (value) => isObject(value) && isObject(value.spec), signal),
    )
    return answer?.value
  }

  async queue(signal: AbortSignal): Promise<readonly QueueItem[]> {
    const { value } = await this.#get<{ readonly queue: readonly QueueItem[] }>(
      '/v2/queue',
      (value) => isObject(value) && areObjects(value.queue),
      signal,
    )
    return value.queue
  }

  async deployments(signal: AbortSignal): Promise<readonly Deployment[]> {
    const { value } = await this.#get<readonly Deployment[]>('/v2/deployments', areObjects, signal)
    return value
  }

  /** Newest first. */
  async versions(id: AppId, pod: boolean, signal: AbortSignal): Promise<readonly string[]> {
    const path = pod ? `/v2/pods${pathOf(id)}::versions` : `/v2/apps${pathOf(id)}/versions`
    const listed = (value: unknown) => (isObject(value) ? value.versions : value)
    const answer = await absent(
      this.#get<unknown>(path, (value) => Array.isArray(listed(value)), signal),
    )
    const all = (listed(answer?.value) ?? []) as readonly string[]
    return [...all].sort((a, b) => Date.parse(b) - Date.parse(a))
  }

  async definition(
    id: AppId,
    version: string,
    pod: boolean,
    signal: AbortSignal,
  ): Promise<(MarathonNative & { readonly version?: string }) | undefined> {
    const at = encodeURIComponent(version)
    const path = pod
      ? `/v2/pods${pathOf(id)}::versions/${at}`
      : `/v2/apps${pathOf(id)}/versions/${at}`
    const answer = await absent(this.#get<MarathonNative>(path, isObject, signal))
    return answer?.value
  }

  async putApp(app: AppDefinition, force: boolean, signal: AbortSignal): Promise<Accepted> {
    const query = `partialUpdate=false${force ? '&force=true' : ''}`
    return this.#change('PUT', `/v2/apps${pathOf(app.id as AppId)}?${query}`, signal, app)
  }

  /** Only what is given changes. */
  async patchApp(
    id: AppId,
    change: Partial<AppDefinition>,
    force: boolean,
    signal: AbortSignal,
  ): Promise<Accepted> {
    const query = force ? '?force=true' : ''
    return this.#change('PUT', `/v2/apps${pathOf(id)}${query}`, signal, change)
  }

  async putPod(
    pod: PodDefinition,
    exists: boolean,
    force: boolean,
    signal: AbortSignal,
  ): Promise<Accepted> {
    const query = force ? '?force=true' : ''
    return exists
      ? this.#change('PUT', `/v2/pods${pathOf(pod.id as AppId)}${query}`, signal, pod)
      : this.#change('POST', `/v2/pods${query}`, signal, pod)
  }

  async restartApp(id: AppId, force: boolean, signal: AbortSignal): Promise<Accepted> {
    const query = force ? '?force=true' : ''
    return this.#change('POST', `/v2/apps${pathOf(id)}/restart${query}`, signal)
  }

  /** False: it is not there. Said either way: left out, `force` is true for apps and false for pods. */
  async remove(id: AppId, pod: boolean, force: boolean, signal: AbortSignal): Promise<boolean> {
    const path = `/v2/${pod ? 'pods' : 'apps'}${pathOf(id)}?force=${force}`
    return (await absent(this.#change('DELETE', path, signal))) !== undefined
  }

  /** Ends one task; Marathon starts another. */
  async killTask(task: string, signal: AbortSignal): Promise<readonly unknown[]> {
    const { value } = await this.#transport.json<{ tasks?: readonly unknown[] }>({
      method: 'POST',
      path: '/v2/tasks/delete',
      body: { ids: [task] },
      signal,
    })
    if (!isObject(value) || !Array.isArray(value.tasks)) throw this.#garbled()
    return value.tasks
  }

  async killPodInstance(id: AppId, instance: string, signal: AbortSignal): Promise<boolean> {
    const answer = await absent(
      this.#transport.json<unknown>({
        method: 'DELETE',
        path: `/v2/pods${pathOf(id)}::instances/${encodeURIComponent(instance)}`,
        signal,
      }),
    )
    return answer !== undefined
  }

  async events(types: readonly string[], signal: AbortSignal) {
    const query = ['plan-format=light', ...types.map((type) => `event_type=${type}`)].join('&')
    // Anything but exactly this is answered with 405.
    const stream = await this.#transport.stream({
      method: 'GET',
      path: `/v2/events?${query}`,
      accept: 'text/event-stream',
      signal,
    })
    if (String(stream.answer.headers['content-type'] ?? '').startsWith('text/event-stream'))
      return stream
    stream.answer.discard()
    throw this.#garbled()
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  /** Something else than Marathon may answer at its address: what is not of its shape says nothing about apps. */
  async #get<T>(
    path: string,
    fits: (value: unknown) => boolean,
    signal: AbortSignal,
  ): Promise<Received<T>> {
    const received = await this.#transport.json<T>({ method: 'GET', path, signal })
    if (!fits(received.value)) throw this.#garbled()
    return received
  }

  #garbled(): HttpError {
    return new HttpError('garbled', { at: this.at, text: 'the answer is not of Marathon’s shape' })
  }

  async #change(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<Accepted> {
    const { value, header } = await this.#transport.json<DeploymentResult | undefined>({
      method,
      path,
      body,
      signal,
    })
    // The header comes with every change; bodies are of many shapes, and some are empty.
    const named = header('marathon-deployment-id')
    if (named === undefined && !isObject(value)) throw this.#garbled()
    const deployment = named ?? value?.deploymentId
    if (deployment === undefined && value?.version === undefined) throw this.#garbled()
    return { version: value?.version, deployment }
  }
}

/** Before that there were no `portDefinitions`, and deployments were told otherwise. */
const OLDEST = '1.1'

function refuseOld(version: string | undefined, at: string): void {
  if (isAtLeast(version ?? '', OLDEST)) return
  throw new IntermodalError('UNSUPPORTED', `${at} is Marathon ${version}`, {
    remedy: `it takes Marathon ${OLDEST} at least: update the server`,
  })
}

async function absent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    // A page without Marathon's sentence comes from a proxy: the address is wrong, and says nothing about the app.
    if (isStatus(error, 404) && (error as HttpError).text !== undefined) return undefined
    throw error
  }
}

function areObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every(isObject)
}

function pathOf(id: AppId): string {
  return id.split('/').map(encodeURIComponent).join('/')
}
