import type { ImportProblem } from '../report.ts'

interface Suspicion {
  /** Wrong whatever a parser says; otherwise it only explains why a parser failed. */
  readonly certain: boolean
  readonly problem: Omit<ImportProblem, 'file'>
}

const CONFLICT = /^(?:<{7}|>{7})(?: |$)/m
/** A template outside quotes: in quotes it may well be meant for the engine. */
const TEMPLATE = /(?::|-|=)[ \t]*\{\{|^[ \t]*\{\{|^[ \t]*\{%/m
const STRING = /"(?:[^"\\\n]|\\.)*"/g
const COMMENT = /(?<=^|[\s,{[\]}])\/[/*]/m

/** What a text is that no parser should be asked about, or the likely reason when one fails. */
export function textProblem(text: string): Suspicion | undefined {
  const conflict = CONFLICT.exec(text)
  if (conflict) return at(text, conflict.index, true, 'has an unresolved merge conflict')
  const template = TEMPLATE.exec(text)
  if (template) {
    const message = 'holds a template ({{ … }}): render it first, and import the result'
    return at(text, template.index + template[0].search(/\{/), false, message)
  }
  // YAML would take a comment of this kind for the beginning of the next key.
  const json = /^\s*[[{]/.test(text)
  const comment = json
    ? COMMENT.exec(text.replace(STRING, ({ length }) => '"'.repeat(length)))
    : null
  if (comment) {
    const message = 'has a comment, which JSON does not know: remove it'
    return at(text, comment.index, true, message)
  }
  return undefined
}

function at(text: string, offset: number, certain: boolean, message: string): Suspicion {
  const before = text.slice(0, offset).split('\n')
  return {
    certain,
    problem: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message },
  }
}
