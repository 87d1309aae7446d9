import type { Selector } from './adapter.ts'
import { inGroup } from './app/id.ts'
import type { AppId } from './app/schema.ts'

/** Whether an app with this id and these labels is selected. */
export function matches(
  selector: Selector,
  app: { readonly id: AppId; readonly labels: Readonly<Record<string, string>> },
): boolean {
  if (selector.ids && !selector.ids.includes(app.id)) return false
  if (selector.group !== undefined && !inGroup(app.id, selector.group)) return false
  return Object.entries(selector.labels ?? {}).every(([key, value]) => app.labels[key] === value)
}
