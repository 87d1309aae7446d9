import type { Dialect } from '../versions.ts'

const OPERATORS = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS']

/** What is wrong with a constraint in two or three parts. */
export function constraintProblem(parts: readonly string[], dialect: Dialect): string | undefined {
  const [field = '', written = '', value] = parts
  const operator = written.toUpperCase()
  const known = OPERATORS.filter((one) => one !== 'IS' || dialect.since('1.6'))
  if (field === '') return 'Missing field and operator'
  if (!known.includes(operator))
    return `Constraint operator must be one of the following: [${known.join(', ')}]`
  switch (operator) {
    case 'UNIQUE':
      return value === undefined ? undefined : 'Value specified for a UNIQUE constraint'
    case 'GROUP_BY':
      return value === undefined || isCount(value)
        ? undefined
        : 'Value was specified but is not a number'
    case 'MAX_PER':
      return value !== undefined && isCount(value)
        ? undefined
        : 'Value was not specified or is not a number'
    case 'LIKE':
    case 'UNLIKE':
      if (value === undefined) return 'A regular expression value must be provided'
      return isPattern(value) ? undefined : `'${value}' is not a valid regular expression`
    case 'IS':
      return value !== undefined && /^[a-zA-Z0-9_/.-]*$/.test(value)
        ? undefined
        : 'IS constraints only support text and scalar values'
    default:
      return undefined
  }
}

function isCount(value: string): boolean {
  return /^\d+$/.test(value)
}

function isPattern(value: string): boolean {
  try {
    new RegExp(value)
    return true
  } catch {
    return false
  }
}
