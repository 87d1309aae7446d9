import { type AppId, groupOf } from 'intermodal'
import type { Engine } from './client.ts'
import { isInUse, isNotFound } from './errors.ts'
import { APP, GROUP } from './labels.ts'
import { HISTORY } from './marks.ts'
import { logicalOf, type Shelf, versionsOf } from './material.ts'
import { splitLogicalName } from './names.ts'
import type { Config, Service, ServiceSpec } from './wire.ts'

/** Ids of what a spec uses. */
export function usedBy(...specs: readonly (ServiceSpec | undefined)[]): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const spec of specs) {
    const { ContainerSpec, Networks } = spec?.TaskTemplate ?? {}
    for (const { SecretID } of ContainerSpec?.Secrets ?? []) if (SecretID) ids.add(SecretID)
    for (const { ConfigID } of ContainerSpec?.Configs ?? []) if (ConfigID) ids.add(ConfigID)
    for (const { Target } of Networks ?? []) ids.add(Target)
  }
  return ids
}

/** The files of one app that neither its spec nor the one before uses any more: the engine may yet roll back. */
export async function collectFiles(
  engine: Engine,
  app: AppId,
  service: Service,
  signal: AbortSignal,
): Promise<void> {
  const used = usedBy(service.Spec, service.PreviousSpec)
  const files = await engine.configs(signal, { label: [`${APP}=${app}`] })
  for (const { ID } of files.filter((file) => !used.has(file.ID)))
    await ifUnused(engine.removeConfig(ID, signal))
}

/** Versions of secrets or configs that newer ones have replaced and that no service uses or could go back to. */
export async function collectMaterial(
  engine: Engine,
  shelf: Shelf,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const objects = await shelf.list(signal)
  const old = names.flatMap((name) => {
    const current = new Set(versionsOf(objects, name).map(({ ID }) => ID))
    return objects.filter((object) => {
      const logical = logicalOf(object)
      return (
        logical !== undefined && splitLogicalName(logical).name === name && !current.has(object.ID)
      )
    })
  })
  if (old.length === 0) return
  const services = await engine.services(signal)
  const used = usedBy(...services.flatMap(({ Spec, PreviousSpec }) => [Spec, PreviousSpec]))
  for (const { ID } of old.filter((object) => !used.has(object.ID)))
    await ifUnused(shelf.remove(ID, signal))
}

/** What was made for an app that is gone. Secrets and configs people have put there stay. */
export async function collectRemains(
  engine: Engine,
  app: AppId,
  signal: AbortSignal,
): Promise<void> {
  const lists: readonly (readonly Config[])[] = await Promise.all(
    [APP, HISTORY].map((label) => engine.configs(signal, { label: [`${label}=${app}`] })),
  )
  for (const { ID } of lists.flat()) await ifUnused(engine.removeConfig(ID, signal))
  const networks = await engine.networks(signal, { label: [`${GROUP}=${groupOf(app)}`] })
  for (const { Id } of networks) await ifUnused(engine.removeNetwork(Id, signal))
}

async function ifUnused(removal: Promise<void>): Promise<void> {
  try {
    await removal
  } catch (error) {
    if (!isInUse(error) && !isNotFound(error)) throw error
  }
}
