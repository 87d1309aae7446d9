/** What Go's sources say of the fields of the API's types and its description does not: their numbers, and when they are left out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface GoField {
  /** Absent: its fields are those of the type itself. */
  readonly name: string | undefined
  readonly number: string
  readonly type: string
  readonly omitted: boolean
}

export interface Mark {
  /** `5`; `1.2` for field 2 of the message that is field 1. */
  readonly path: string
  /** `''`: a pointer, there or not. `-`: not there when it is zero. `+`: always there. */
  readonly presence: '' | '-' | '+'
}

const FIELD =
  /^\s+(?:(\w+)\s+)?([\w.[\]*]+)\s+`json:"([\w-]*)((?:,\w+)*)"[^`\n]*protobuf:"\w+,(\d+),/gm

function structsOf(source: string): ReadonlyMap<string, readonly GoField[]> {
  const found = source.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)
  return new Map(
    [...found].map(([, name = '', body = '']) => [
      name,
      [...body.matchAll(FIELD)].map(([, , type = '', json, options = '', number = '']) => ({
        name: json || undefined,
        number,
        type,
        omitted: options.includes('omitempty'),
      })),
    ]),
  )
}

/** Reads the packages in the folder of Go's module cache that is named after `k8s.io`, each when it is first asked for. */
export function readFields(modules: string, version: string) {
  const packages = new Map<string, ReadonlyMap<string, readonly GoField[]>>()
  const fieldsOf = (home: string, name: string): readonly GoField[] => {
    const known =
      packages.get(home) ?? structsOf(readFileSync(join(modules, home, 'types.go'), 'utf8'))
    packages.set(home, known)
    const fields = known.get(name)
    if (!fields) throw new Error(`${home} has no type ${name}`)
    return fields
  }
  const marksIn = (home: string, name: string): [string, Mark][] =>
    fieldsOf(home, name).flatMap(({ name: json, number, type, omitted }): [string, Mark][] => {
      if (json !== undefined)
        return [[json, { path: number, presence: type.startsWith('*') ? '' : omitted ? '-' : '+' }]]
      return marksIn(home, type).map(([inner, mark]) => [
        inner,
        { ...mark, path: `${number}.${mark.path}` },
      ])
    })
  /** `io.k8s.api.core.v1.Probe`: the marks of its fields by their names in JSON. */
  return (name: string): ReadonlyMap<string, Mark> => {
    const parts = name.split('.').slice(2)
    const [module = '', ...folders] = parts.slice(0, -1)
    return new Map(marksIn(join(`${module}@${version}`, ...folders), parts.at(-1) as string))
  }
}
