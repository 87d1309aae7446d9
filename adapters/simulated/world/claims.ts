import { type Engine, specOf } from './engine.ts'
import type { AppRecord, InstanceRecord } from './model.ts'

/** Claims of this storage class live on the disk of the node that used them first; all others can be mounted anywhere. */
export const LOCAL = 'local'

function claimKey(record: AppRecord, volume: string, slot: string): string {
  return `${record.id} ${volume} ${slot}`
}

/** The node that holds the bytes of one of the instance's claims, when they cannot move. */
export function claimNode(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
): string | undefined {
  for (const [name, volume] of Object.entries(specOf(record, instance.revision).volumes)) {
    if (volume.type !== 'claim') continue
    const claim = engine.state.claims.get(claimKey(record, name, instance.slot))
    if (claim?.node !== undefined) return claim.node
  }
  return undefined
}

/**
 * Each slot has its own claim of each `claim` volume, made when its first instance gets a place. Claims outlive
 * instances, scaling down and the app itself: nobody's data goes without someone saying so.
 */
export function ensureClaims(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  for (const [name, volume] of Object.entries(specOf(record, instance.revision).volumes)) {
    if (volume.type !== 'claim') continue
    const key = claimKey(record, name, instance.slot)
    if (engine.state.claims.has(key)) continue
    engine.state.claims.set(key, {
      app: record.id,
      volume: name,
      slot: instance.slot,
      size: volume.size,
      ...(volume.storageClass === LOCAL && instance.node !== undefined
        ? { node: instance.node }
        : {}),
    })
  }
}
