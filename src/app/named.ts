import { z } from 'zod'

/** A schema under the names people see in editors, in place of the shape zod infers. */
export function named<Output, Input>(schema: z.ZodType<Output, Input>): z.ZodType<Output, Input> {
  return schema
}

/** One of several words, each with the sentence that editors show next to it. */
export function choice<const Docs extends Readonly<Record<string, string>>>(
  docs: Docs,
): z.ZodEnum<{ [Word in keyof Docs & string]: Word }> {
  const words = Object.fromEntries(Object.keys(docs).map((word) => [word, word]))
  const sentences = Object.values(docs)
  return z
    .enum(words as { [Word in keyof Docs & string]: Word })
    .meta({ enumDescriptions: sentences, markdownEnumDescriptions: sentences })
}

/** Text with one rule, worded once for messages and for editors. */
export function text(pattern: RegExp, help: string): z.ZodString {
  return z.string().regex(pattern, help).meta({ patternErrorMessage: help })
}

/** Text that is not empty. */
export const someText: z.ZodString = z.string().min(1)

export const wholeNumber = (least: number): z.ZodInt => z.int().min(least)
