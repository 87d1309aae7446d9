import { randomUUID } from 'node:crypto'
import { type AppId, IntermodalError } from 'intermodal'
import type { Engine } from './client.ts'
import { explainError, isAmbiguous, isConflict, isNotFound, isOutOfSequence } from './errors.ts'
import { OP } from './marks.ts'
import { sameSpec, untouched, withLabels } from './spec.ts'
import type { Service, ServiceSpec } from './wire.ts'

export interface ServiceWrite {
  readonly app: AppId
  /** What the decision was taken on; absent: there was none, and one is made. */
  readonly live: Service | undefined
  readonly wanted: ServiceSpec
  readonly auth?: unknown
}

export interface Written {
  readonly service: Service
  /** False: someone had written exactly this meanwhile. */
  readonly changed: boolean
}

const ATTEMPTS = 5

/**
 * Writes a service and knows afterwards whether it did.
 *
 * Swarm counts a service's version up while it updates, so a conflict is normal: the write is repeated as long as the
 * spec is still the one that was decided on, and is a `CONFLICT` otherwise. A write whose answer was lost, or came
 * from a manager without a leader, may have happened or happen yet: it is looked for by its operation id before it is
 * repeated. Repeating is safe: an update by its version, a creation by its name.
 */
export async function writeService(
  engine: Engine,
  write: ServiceWrite,
  signal: AbortSignal,
): Promise<Written> {
  const { wanted, auth } = write
  const op = randomUUID()
  const spec = withLabels(wanted, { [OP]: op })
  let base = write.live
  for (let attempt = 1; ; attempt++) {
    try {
      if (base) await engine.updateService(base, spec, auth, signal)
      else await engine.createService(spec, auth, signal)
      return { service: await written(engine, write, signal), changed: true }
    } catch (error) {
      signal.throwIfAborted()
      const now = await readBack(engine, write, error, signal)
      if (now?.Spec.Labels?.[OP] === op) return { service: now, changed: true }
      if (now && !(base && untouched(now.Spec, base.Spec))) {
        if (sameSpec(now.Spec, wanted)) return { service: now, changed: false }
        throw conflict(write.app)
      }
      if (!now && base) throw conflict(write.app)
      if (attempt === ATTEMPTS) throw error
      base = now
    }
  }
}

/** The state now, when the failure leaves open what happened; throws the failure when it does not. */
async function readBack(
  engine: Engine,
  { wanted, app, live }: ServiceWrite,
  error: unknown,
  signal: AbortSignal,
): Promise<Service | undefined> {
  const raced = live ? isOutOfSequence(error) || isNotFound(error) : isConflict(error)
  if (!raced && !isAmbiguous(error)) throw error
  try {
    return await engine.service(wanted.Name, signal)
  } catch (second) {
    signal.throwIfAborted()
    if (raced) throw second
    const { code, message, remedy } = explainError(error, 'change the service', app)
    throw new IntermodalError(code, `${message}; it may still happen`, {
      app,
      cause: second,
      retryable: false,
      remedy: `look at the app before repeating it${remedy ? `; ${remedy}` : ''}`,
    })
  }
}

async function written(engine: Engine, write: ServiceWrite, signal: AbortSignal): Promise<Service> {
  const service = await engine.service(write.wanted.Name, signal)
  if (!service) throw conflict(write.app)
  return service
}

export function conflict(app: AppId): IntermodalError {
  return new IntermodalError('CONFLICT', `${app} was changed by someone else meanwhile`, {
    app,
    remedy: 'look at what changed (plan), then apply again',
  })
}
