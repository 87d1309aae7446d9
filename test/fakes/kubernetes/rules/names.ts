import { type Fault, invalidValue } from '../errors.ts'

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const VALUE = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`)

export function subdomainFault(field: string, name: string): readonly Fault[] {
  if (name.length > 253) return [tooLong(field, name, 253)]
  if (whole(SUBDOMAIN).test(name)) return []
  return [
    invalidValue(
      field,
      name,
      `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
    ),
  ]
}

export function labelFault(field: string, name: string): readonly Fault[] {
  if (name.length > 63) return [tooLong(field, name, 63)]
  if (whole(LABEL).test(name)) return []
  return [
    invalidValue(
      field,
      name,
      `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
    ),
  ]
}

/** Names of Services, which DNS has to know. */
export function dnsLabelFault(field: string, name: string): readonly Fault[] {
  if (name.length > 63) return [tooLong(field, name, 63)]
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) return []
  return [
    invalidValue(
      field,
      name,
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ),
  ]
}

export function labelsFaults(
  field: string,
  labels: Readonly<Record<string, string>> = {},
): readonly Fault[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...keyFault(field, key),
    ...(value.length > 63
      ? [invalidValue(field, value, 'must be no more than 63 bytes')]
      : whole(VALUE).test(value)
        ? []
        : [
            invalidValue(
              field,
              value,
              `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${VALUE}')`,
            ),
          ]),
  ])
}

export function keyFault(field: string, key: string): readonly Fault[] {
  const [name = '', prefix] = key.split('/').reverse()
  const good =
    key.split('/').length <= 2 &&
    name.length <= 63 &&
    /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name) &&
    (prefix === undefined || whole(SUBDOMAIN).test(prefix))
  if (good) return []
  if (name === '') return [invalidValue(field, key, 'name part must be non-empty')]
  return [
    invalidValue(
      field,
      key,
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ),
  ]
}

export function annotationsFaults(
  field: string,
  annotations: Readonly<Record<string, string>> = {},
): readonly Fault[] {
  const entries = Object.entries(annotations)
  const size = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
  return [
    ...entries.flatMap(([key]) => keyFault(field, key.toLowerCase())),
    ...(size > 256 * 1024
      ? [
          {
            field,
            reason: 'TooLong',
            detail: 'Too long: may not be more than 262144 bytes',
          } as const,
        ]
      : []),
  ]
}

function tooLong(field: string, name: string, limit: number): Fault {
  return invalidValue(field, name, `must be no more than ${limit} bytes`)
}
