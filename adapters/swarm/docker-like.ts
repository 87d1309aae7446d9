export type Options = Readonly<Record<string, unknown>>

/** What this adapter uses of a dockerode client: `new Docker(…)` fits. */
export interface DockerLike {
  readonly modem: {
    dial(options: object, callback: (error: unknown, result?: unknown) => void): void
  }
  listServices(options: Options): Promise<unknown>
  listTasks(options: Options): Promise<unknown>
  listNodes(options: Options): Promise<unknown>
  listNetworks(options: Options): Promise<unknown>
  listSecrets(options: Options): Promise<unknown>
  listConfigs(options: Options): Promise<unknown>
  listContainers(options: Options): Promise<unknown>
  createService(auth: unknown, spec: Options): Promise<{ readonly id: string }>
  createNetwork(options: Options): Promise<{ readonly id: string }>
  createSecret(options: Options): Promise<{ readonly id: string }>
  createConfig(options: Options): Promise<{ readonly id: string }>
  getService(id: string): Removable & {
    update(auth: unknown, options: Options): Promise<unknown>
  }
  getNetwork(id: string): Removable
  getSecret(id: string): Removable
  getConfig(id: string): Removable
  getContainer(id: string): { exec(options: Options): Promise<ExecLike> }
  getEvents(options: Options): Promise<unknown>
  ping(): Promise<unknown>
}

export interface Removable {
  remove(options: Options): Promise<unknown>
}

interface ExecLike {
  start(options: Options): Promise<unknown>
  inspect(options: Options): Promise<unknown>
}
