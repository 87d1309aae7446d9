import { type App, type ChangeCall, IntermodalError, type Rehearsal } from 'intermodal'
import { type ApplyContext, rehearse } from './apply.ts'
import { ImmutableFields } from './refusal.ts'

/** The first half of an apply: everything is asked of the server, and nothing is written. */
export async function rehearseApp(
  context: ApplyContext,
  app: App,
  call: ChangeCall,
): Promise<Rehearsal> {
  try {
    await rehearse(context, app, call)
    return { immutable: [] }
  } catch (error) {
    const fields = IntermodalError.is(error) ? error.cause : undefined
    if (fields instanceof ImmutableFields) return { immutable: fields.pointers }
    throw error
  }
}
