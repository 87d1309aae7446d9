import { z } from 'zod'
import { choice, type In, named, type Out, once, someText, wholeNumber } from './named.ts'
import { durationSchema } from './quantity-schema.ts'

const rawRule = once(() =>
  z.strictObject({
    attribute: someText().describe('A node attribute: zone, disk; node.name is the node itself'),
    op: choice({
      in: 'The attribute is one of the values',
      notIn: 'The attribute is none of the values, or absent',
      exists: 'The node has the attribute',
      absent: 'The node does not have the attribute',
      matches: 'The attribute matches one of the values as a regular expression',
      notMatches: 'The attribute matches none of the values as a regular expression',
      gt: 'The attribute is a number above the value',
      lt: 'The attribute is a number below the value',
    })
      .default('in')
      .describe('How the attribute is compared'),
    values: z
      .array(z.string())
      .default([])
      .describe('What the attribute is compared with; none for exists and absent'),
  }),
)
export interface PlacementRuleInput extends In<typeof rawRule> {}
/** One demand on the attributes of a node. */
export interface PlacementRule extends Out<typeof rawRule> {}

const ruleSchema = once(() =>
  named<PlacementRule, PlacementRuleInput>(
    rawRule().superRefine(({ op, values }, context) => {
      for (const message of ruleProblems(op, values)) {
        context.addIssue({ code: 'custom', path: ['values'], message })
      }
    }),
  ),
)

function* ruleProblems(op: PlacementRule['op'], values: readonly string[]): Generator<string> {
  const bare = op === 'exists' || op === 'absent'
  if (bare && values.length > 0) yield `takes no values with "${op}"`
  if (!bare && values.length === 0) yield `needs values for "${op}"`
  if (op === 'gt' || op === 'lt') {
    if (values.length > 1) yield `takes one value with "${op}"`
    const text = values.find((value) => value.trim() === '' || Number.isNaN(Number(value)))
    if (text !== undefined) yield `needs a number for "${op}" (got ${JSON.stringify(text)})`
  }
  if (op === 'matches' || op === 'notMatches') {
    const wrong = values.find((value) => !isRegExp(value))
    if (wrong !== undefined) yield `needs regular expressions (got ${JSON.stringify(wrong)})`
  }
}

function isRegExp(source: string): boolean {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}

const rawSpread = once(() =>
  z.strictObject({
    by: someText().describe('A node attribute: zone; node.name spreads over nodes'),
    maxSkew: wholeNumber(1)
      .optional()
      .describe('How much two shares may differ; absent: as even as it goes'),
  }),
)
/** Even shares over the values of a node attribute. */
export interface Spread extends Out<typeof rawSpread> {}

const rawToleration = once(() =>
  z.strictObject({
    key: someText().optional().describe('The taint; every taint when absent'),
    value: z.string().optional().describe("The taint's value; any when absent"),
    effect: choice({
      NoSchedule: 'New instances are not placed there',
      PreferNoSchedule: 'New instances are placed there last',
      NoExecute: 'Running instances have to go as well',
    })
      .optional()
      .describe('Which effect of the taint is borne; all when absent'),
    duration: durationSchema().optional().describe('With NoExecute: borne for this long'),
  }),
)
export interface TolerationInput extends In<typeof rawToleration> {}
/** A mark on nodes that keeps other apps away and not this one. */
export interface Toleration extends Out<typeof rawToleration> {}

const rawPlacement = once(() =>
  z.strictObject({
    require: z.array(ruleSchema()).default([]).describe('Rules a node has to satisfy'),
    prefer: z.array(ruleSchema()).default([]).describe('Rules that make a node better'),
    spread: z
      .array(named<Spread, Spread>(rawSpread()))
      .default([])
      .describe(
        'Attributes whose values get even shares of the instances, the first counting most',
      ),
    maxPerNode: wholeNumber(1).optional().describe('How many instances one node may run'),
    pool: someText().optional().describe('A named set of nodes: a role, a node pool'),
    tolerations: z
      .array(named<Toleration, TolerationInput>(rawToleration()))
      .optional()
      .describe('Marks on nodes that do not keep this app away'),
  }),
)
export interface PlacementInput extends In<typeof rawPlacement> {}
/** Which nodes instances run on. */
export interface Placement extends Out<typeof rawPlacement> {}
export const placementSchema = once(() => named<Placement, PlacementInput>(rawPlacement()))
