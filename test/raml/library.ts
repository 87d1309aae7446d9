import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'

const SHARED = process.env.INTERMODAL_SHARED ?? resolve(import.meta.dirname, '../../../shared')

/** The published API descriptions of Marathon, one folder for each version. */
export const RAML = join(SHARED, 'data/marathon/raml')

/** A type as it is declared: a name, an expression of names, or what it consists of. */
export type Declaration = string | null | Declared

export interface Declared {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Property>>
  readonly items?: Declaration
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly discriminator?: string
  readonly discriminatorValue?: string
}

export type Property = string | null | (Declared & { readonly required?: boolean })

interface Source {
  readonly uses?: Readonly<Record<string, string>>
  readonly types?: Readonly<Record<string, Declaration>>
}

/** One file of types. Those it uses are read when they are needed. */
export class Library {
  readonly #file: string
  readonly #source: Source
  readonly #loaded: Map<string, Library>

  private constructor(file: string, loaded: Map<string, Library>) {
    this.#file = file
    this.#source = parse(readFileSync(file, 'utf8')) as Source
    this.#loaded = loaded
    loaded.set(file, this)
  }

  static read(file: string, loaded = new Map<string, Library>()): Library {
    return loaded.get(file) ?? new Library(file, loaded)
  }

  get names(): readonly string[] {
    return Object.keys(this.#source.types ?? {})
  }

  declaration(name: string): Declaration | undefined {
    return this.#source.types?.[name]
  }

  /** The library and the name behind `strings.PathId`, as it is written in this file. Throws when there is none. */
  find(reference: string): { readonly library: Library; readonly name: string } {
    const [prefix = '', name] = reference.split('.', 2)
    if (name === undefined) return this.#own(reference)
    const path = this.#source.uses?.[prefix]
    if (path === undefined) throw new Error(`${this.#file} uses no library "${prefix}"`)
    return Library.read(join(dirname(this.#file), path), this.#loaded).#own(name)
  }

  #own(name: string): { readonly library: Library; readonly name: string } {
    if (this.declaration(name) === undefined) throw new Error(`${this.#file} has no type "${name}"`)
    return { library: this, name }
  }
}

/** The types of one version, each file by its name: `app`, `podStatus`. */
export class ApiTypes {
  readonly version: string
  readonly #folder: string
  readonly #loaded = new Map<string, Library>()

  /** `v1.10.26`, or `HEAD` for 1.11. */
  constructor(folder: string) {
    this.version = folder
    this.#folder = join(RAML, folder, 'v2/types')
  }

  /** `undefined`: this version does not describe it. */
  find(reference: string): { readonly library: Library; readonly name: string } | undefined {
    const [file = '', name = ''] = reference.split('.', 2)
    const path = join(this.#folder, `${file}.raml`)
    if (!existsSync(path)) return undefined
    const library = Library.read(path, this.#loaded)
    return library.declaration(name) === undefined ? undefined : { library, name }
  }
}
