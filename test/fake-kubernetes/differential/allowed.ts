export interface Allowed {
  readonly pattern: RegExp
  readonly reason: string
}

/** What may differ, and why. A pattern is looked for in the sentence that tells the difference. */
export const allowed: readonly Allowed[] = [
  {
    pattern: /message: .*json parse error/,
    reason: 'What is wrong with JSON is said in the words of whoever parses it, Go or V8.',
  },
  {
    pattern: /^PATCH \S+\/scale .*(?:status|reason|message|details): /,
    reason:
      'A patch that makes no Scale is refused with all of the patched object in Go\u2019s own printing; the fake says which field is wrong.',
  },
  {
    pattern: /^PATCH \S+\/jobs\/bad .*(?:message|details): .*InitContainers/,
    reason:
      'A template that must not change is shown as Go\u2019s memory has it, with every empty field.',
  },
  {
    pattern: /^POST \S+\/selfsubjectaccessreviews .*managedFields: the fake lacks it/,
    reason: 'The fields of a question, which is not kept, are nobody\u2019s here.',
  },
  {
    pattern: /eviction details: .*has \d currently/,
    reason: 'How many pods are healthy right after one was sent away is a matter of the moment.',
  },
]

/** Those for which there is no reason. */
export function unexplained(differences: readonly string[]): string[] {
  return differences.filter((text) => !allowed.some(({ pattern }) => pattern.test(text)))
}
