import { z } from 'zod'

/**
 * A schema that is made when it is first used: making all of them takes longer than loading the rest of the library,
 * and whoever only watches never needs them.
 */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** What a schema made once gives. */
export type Out<Make extends () => z.ZodType> = z.output<ReturnType<Make>>
/** What a schema made once takes. */
export type In<Make extends () => z.ZodType> = z.input<ReturnType<Make>>

/** A schema under the names people see in editors, in place of the shape zod infers. */
export function named<Output, Input>(schema: z.ZodType<Output, Input>): z.ZodType<Output, Input> {
  return schema
}

/** One of several words, each with the sentence that editors show next to it. */
export function choice<const Docs extends Readonly<Record<string, string>>>(
  docs: Docs,
): z.ZodEnum<{ [Word in keyof Docs & string]: Word }> {
  const words = Object.fromEntries(wordsOf(docs).map((word) => [word, word]))
  const sentences = Object.values(docs)
  return z
    .enum(words as { [Word in keyof Docs & string]: Word })
    .meta({ enumDescriptions: sentences, markdownEnumDescriptions: sentences })
}

/** The words themselves, in order. */
export function wordsOf<Docs extends object>(docs: Docs): readonly (keyof Docs & string)[] {
  return Object.keys(docs) as (keyof Docs & string)[]
}

/** Text with one rule, worded once for messages and for editors. */
export function text(pattern: RegExp, help: string): z.ZodString {
  return z.string().regex(pattern, help).meta({ patternErrorMessage: help })
}

/** Text that is not empty. */
export const someText: () => z.ZodString = once(() => z.string().min(1))

export const wholeNumber = (least: number): z.ZodInt => z.int().min(least)
