import { Cron } from 'croner'
import { type Fault, invalidValue } from '../errors.ts'

/** A schedule as Kubernetes reads it: five fields, in a time zone. Throws what the parser throws. */
export function scheduleOf(schedule: string, timezone = 'Etc/UTC'): Cron {
  return new Cron(schedule, { paused: true, timezone, mode: '5-part' })
}

export function scheduleFaults(field: string, schedule: string): readonly Fault[] {
  const count = schedule.trim().split(/\s+/).length
  try {
    scheduleOf(schedule)
    return []
  } catch (error) {
    const why =
      count === 5
        ? (error as Error).message
        : `expected exactly 5 fields, found ${count}: [${schedule.trim().split(/\s+/).join(' ')}]`
    return [invalidValue(field, schedule, why)]
  }
}
