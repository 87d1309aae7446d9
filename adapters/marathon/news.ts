import { type AppId, isAppId } from 'intermodal'
import { isObject, type Json } from './patch.ts'

/** What events were about: these apps, or anything at all. */
export type News = ReadonlySet<AppId> | 'everything'

/** Before 1.8 an event may hold every app there is: that much is not read, everything is looked at anew. Characters. */
const LARGEST = 256 * 1024

/** Which apps an event is about. What it says of them is not read: only a look tells how they are. */
export function newsOf(type: string | undefined, data: string): News {
  if (data.length > LARGEST) return 'everything'
  const event = parsed(data)
  if (!event) return 'everything'
  switch (type) {
    case 'status_update_event':
    case 'health_status_changed_event':
    case 'failed_health_check_event':
    case 'unhealthy_instance_kill_event':
    case 'unhealthy_task_kill_event':
    case 'app_terminated_event':
      return named([event.appId])
    case 'instance_changed_event':
    case 'instance_health_changed_event':
    case 'unknown_instance_terminated_event':
      return named([event.runSpecId])
    case 'api_post_event':
      return named([isObject(event.appDefinition) ? event.appDefinition.id : undefined])
    case 'deployment_info':
    case 'deployment_success':
    case 'deployment_failed':
    case 'deployment_step_success':
    case 'deployment_step_failure':
      return isObject(event.plan) ? named(planned(event.plan)) : 'everything'
    // The deployment that follows names the apps.
    case 'group_change_success':
      return new Set()
    default:
      return 'everything'
  }
}

/** Since 1.0 a step has actions, before it was one. */
function planned({ steps }: Json): readonly unknown[] {
  if (!Array.isArray(steps)) return [undefined]
  return steps.flatMap((step) => {
    const actions: unknown = isObject(step) && 'actions' in step ? step.actions : [step]
    if (!Array.isArray(actions)) return [undefined]
    return actions.map((action) => (isObject(action) ? (action.app ?? action.pod) : undefined))
  })
}

function named(ids: readonly unknown[]): News {
  const known = ids.filter((id): id is AppId => typeof id === 'string' && isAppId(id))
  return known.length === ids.length ? new Set(known) : 'everything'
}

function parsed(data: string): Json | undefined {
  try {
    const event: unknown = JSON.parse(data)
    return isObject(event) ? event : undefined
  } catch {
    // Cut off or garbled: something happened, nobody knows what.
    return undefined
  }
}
