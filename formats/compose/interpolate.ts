import type { Report } from '../report.ts'
import { type MapNode, mapOf, type Node } from '../text/node.ts'
import { type Lookup, substitute, TemplateError } from './template.ts'

const TEXT = /\/(?:environment|labels|annotations|args|command|entrypoint|content)(?:\/|$)/

/**
 * A document with every `${VARIABLE}` in its values replaced; keys are left as they are, and so are extensions, which
 * nobody reads. A variable without a value is told once, at its first place.
 */
export function interpolate(
  root: MapNode,
  lookup: Lookup,
  report: Report,
  told: Set<string>,
): MapNode {
  const visit = (node: Node): Node => {
    if (node.type === 'list') return { ...node, items: node.items.map(visit) }
    if (node.type === 'map') {
      const entries = [...node.entries].map(([key, value]) => [key, visit(value)] as const)
      return { ...mapOf(node.at, entries), tag: node.tag }
    }
    if (typeof node.value !== 'string' || !node.value.includes('$')) return node
    try {
      const { text, unset, stray } = substitute(node.value, lookup)
      for (const name of unset) {
        if (told.has(name)) continue
        told.add(name)
        report.loss(
          node.at,
          'warning',
          `the variable ${name} is not set: it is empty here`,
          `set it with --env ${name}=… or in .env`,
        )
      }
      if (stray)
        report.loss(
          node.at,
          'warning',
          'has a "$" that starts no variable, and keeps it; Compose would refuse it',
          'write "$$" for a "$"',
        )
      // Where text may be empty it is; anywhere else nothing was said.
      return { ...node, value: text === '' && !TEXT.test(node.at.path) ? null : text }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      report.problem(node.at, error.message)
      return node
    }
  }
  return mapOf(
    root.at,
    [...root.entries].map(([key, node]) => [key, key.startsWith('x-') ? node : visit(node)]),
  )
}
