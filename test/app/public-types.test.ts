import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname
const entry = `${root}src/index.ts`

let checker: ts.TypeChecker
let exported: readonly ts.Symbol[]

beforeAll(() => {
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const program = ts.createProgram([entry], options)
  checker = program.getTypeChecker()
  const source = program.getSourceFile(entry)
  const module = source && checker.getSymbolAtLocation(source)
  exported = module ? checker.getExportsOfModule(module) : []
}, 60_000)

function typeOf(symbol: ts.Symbol): ts.Type {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  return target.flags & ts.SymbolFlags.Value
    ? checker.getTypeOfSymbol(target)
    : checker.getDeclaredTypeOfSymbol(target)
}

/** Where `any` shows in a type, as a person would find it: `Client.apply(options).force`. */
function* anyIn(type: ts.Type, at: string, seen: Set<ts.Type>): Generator<string> {
  if (type.flags & ts.TypeFlags.Any) yield at
  if (seen.has(type) || !isOurs(type)) return
  seen.add(type)
  if (type.isUnionOrIntersection()) {
    for (const part of type.types) yield* anyIn(part, at, seen)
  }
  for (const argument of checker.getTypeArguments(type as ts.TypeReference) ?? []) {
    // The language declares AsyncIterable<T, TReturn = any, TNext = any>.
    const fromLanguage = /Itera|Generator/.test(type.symbol?.name ?? '')
    if (!(fromLanguage && argument.flags & ts.TypeFlags.Any)) {
      yield* anyIn(argument, `${at}<>`, seen)
    }
  }
  for (const { type: value } of checker.getIndexInfosOfType(type))
    yield* anyIn(value, `${at}[]`, seen)
  for (const property of type.getProperties()) {
    // A class has a prototype with `any` for its type parameters.
    if (!isDeclaredHere(property) || property.flags & ts.SymbolFlags.Prototype) continue
    yield* anyIn(checker.getTypeOfSymbol(property), `${at}.${property.name}`, seen)
  }
  for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
    for (const parameter of signature.getParameters()) {
      yield* anyIn(checker.getTypeOfSymbol(parameter), `${at}(${parameter.name})`, seen)
    }
    yield* anyIn(signature.getReturnType(), `${at}()`, seen)
  }
}

/** The library's own types and what is made of them; not those of the language, of Node or of zod. */
function isDeclaredHere(symbol: ts.Symbol): boolean {
  const files = symbol.declarations?.map((node) => node.getSourceFile().fileName) ?? []
  return files.length === 0 || files.some((file) => !file.includes('/node_modules/'))
}

function isOurs(type: ts.Type): boolean {
  const symbol = type.aliasSymbol ?? type.getSymbol()
  if (!symbol || checker.getTypeArguments(type as ts.TypeReference)?.length) return true
  return isDeclaredHere(symbol)
}

describe('the public types', () => {
  test('hold no any, however deep', () => {
    const found = exported.flatMap((symbol) => [...anyIn(typeOf(symbol), symbol.name, new Set())])
    expect(exported.length).toBeGreaterThan(80)
    expect([...new Set(found)]).toEqual([])
  })

  test.each([
    ['AppInput', 'probes', 'ProbesInput'],
    ['AppInput', 'ports', 'PortInput[]'],
    ['AppInput', 'resources', 'ResourcesInput'],
    ['AppInput', 'env', 'Record<string, EnvValue>'],
    ['AppInput', 'volumes', 'Record<string, VolumeInput>'],
    ['AppInput', 'update', 'UpdateInput'],
    ['App', 'probes', 'Probes'],
    ['App', 'ports', 'Port[]'],
    ['App', 'update', 'UpdatePolicy'],
    ['App', 'restart', 'RestartPolicy'],
    ['App', 'volumes', 'Record<string, Volume>'],
    ['App', 'placement', 'Placement'],
  ])('show %s.%s in an editor as %s', (name, key, expected) => {
    const symbol = exported.find((one) => one.name === name)
    const property = symbol && typeOf(symbol).getProperty(key)
    const type = property && checker.getNonNullableType(checker.getTypeOfSymbol(property))
    const shown = type && checker.typeToString(type)
    expect(shown).toBe(expected)
  })
})
