import type { Issue } from './issues.ts'
import { toPointer } from './pointer.ts'

/** Nothing a person writes is nested deeper, and what is would overflow the stack of whoever walks it next. */
const MAX_DEPTH = 64

/** Far more than any app has; an alias bomb reaches it at once. */
const MAX_VALUES = 100_000

/**
 * What no schema can look at safely: the key `__proto__`, which sets a prototype wherever it is copied, and values
 * without end, such as an object that holds itself or one that many aliases multiply. Also what is no data: native
 * patches have to survive JSON.
 */
export function hostileIssues(input: unknown): readonly Issue[] {
  const issues: Issue[] = []
  const path: string[] = []
  let values = 0
  let endless = false
  const add = (message: string, key?: string): void => {
    issues.push({
      path: toPointer(path.slice(0, 3)),
      message,
      ...(key === undefined ? {} : { key }),
    })
  }
  const walk = (value: unknown): void => {
    values += 1
    endless ||= path.length > MAX_DEPTH || values > MAX_VALUES
    if (endless) return
    if (typeof value !== 'object' || value === null) {
      const problem = path[0] === 'native' ? notData(value) : undefined
      if (problem) add(problem)
      return
    }
    for (const key of Object.keys(value)) {
      if (key === '__proto__') {
        add('has an unknown key "__proto__": it is not allowed anywhere', key)
        continue
      }
      path.push(key)
      walk((value as Record<string, unknown>)[key])
      if (endless) return
      path.pop()
    }
  }
  walk(input)
  if (endless) {
    add(`is nested deeper than ${MAX_DEPTH} levels, or holds more than ${MAX_VALUES} values`)
  }
  return issues
}

function notData(value: unknown): string | undefined {
  switch (typeof value) {
    case 'bigint':
    case 'function':
    case 'symbol':
      return `needs plain data, not a ${typeof value}`
    case 'number':
      return Number.isFinite(value) ? undefined : `needs a finite number (got ${value})`
    default:
      return undefined
  }
}
