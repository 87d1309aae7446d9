import type { ConfigSpec, NetworkSpec, ServiceSpec } from './wire.ts'

/**
 * One app in Swarm's words, before anything is looked up on a cluster.
 *
 * References in `service` go by name and have no id yet:
 * - `Networks[].Target` is a network's name; `host`, `bridge` and `none` are the engine's own.
 * - `Configs[].ConfigName` is one of `configs` below, or the logical name of something put there before: `name`, or
 *   `name.key` for one key of several. The newest object of that logical name is meant.
 * - `Secrets[].SecretName` is such a logical name.
 * - A logical name `name.*` with a file name ending in `/*` means every key of it, each as a file of that directory.
 *
 * An absent `Mode.Replicated.Replicas` means the live count, or 1 when there is none.
 */
export interface SwarmNative {
  readonly service: ServiceSpec
  /** Objects that have to exist first. Their names carry a hash of their content, so one that exists is right. */
  readonly configs: readonly ConfigSpec[]
  /** Networks that have to exist first, by name; one that exists is taken as it is. */
  readonly networks: readonly NetworkSpec[]
}
