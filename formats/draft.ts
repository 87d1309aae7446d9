import type { AppInput } from 'intermodal'
import type { At } from './report.ts'

/** An app as a reader found it, and where. */
export interface Draft {
  readonly input: AppInput
  readonly at: At
}
