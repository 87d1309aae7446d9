import { z } from 'zod'
import { type AppBody, appSchema } from './app.ts'
import { pathId, time } from './basics.ts'

/** A group, or an update of one: `version` alone is a rollback, `scaleBy` alone multiplies what it holds. */
export interface GroupBody {
  readonly id?: string | undefined
  readonly apps?: readonly AppBody[] | undefined
  readonly groups?: readonly GroupBody[] | undefined
  readonly dependencies?: readonly string[] | undefined
  readonly scaleBy?: number | undefined
  readonly version?: string | undefined
  readonly enforceRole?: boolean | undefined
}

export const groupSchema: z.ZodType<GroupBody> = z.object({
  id: pathId.optional(),
  apps: z.array(appSchema).optional(),
  get groups() {
    return z.array(groupSchema).optional()
  },
  dependencies: z.array(pathId).optional(),
  scaleBy: z.number().min(0).optional(),
  version: time.optional(),
  enforceRole: z.boolean().optional(),
})
