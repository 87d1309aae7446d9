import type { Loss } from '../adapter.ts'
import type { AppId } from '../app/schema.ts'
import { IntermodalError } from '../errors.ts'

/** An app the engine cannot carry as it is written. `code` is `UNSUPPORTED`. */
export class LossError extends IntermodalError {
  readonly losses: readonly Loss[]

  constructor(app: AppId, engine: string, losses: readonly Loss[], lenientWouldDo: boolean) {
    const lines = losses.map(
      ({ path, kind, detail, remedy }) =>
        `\n  ${path} ${kind}: ${detail}${remedy ? ` (${remedy})` : ''}`,
    )
    super('UNSUPPORTED', `${app} cannot be carried to ${engine} as it is:${lines.join('')}`, {
      app,
      remedy: lenientWouldDo
        ? 'change the app, or accept the losses with { losses: "lenient" } (--lenient)'
        : 'change the app, or choose another engine',
    })
    this.losses = losses
  }
}

/** Throws when a loss is of a kind the caller does not accept. */
export function acceptLosses(
  app: AppId,
  engine: string,
  losses: readonly Loss[],
  mode: 'strict' | 'lenient',
): void {
  const refused = losses.filter(({ kind }) => kind === 'refused')
  const dropped = mode === 'strict' ? losses.filter(({ kind }) => kind === 'dropped') : []
  if (refused.length + dropped.length > 0) {
    throw new LossError(app, engine, [...refused, ...dropped], refused.length === 0)
  }
}
