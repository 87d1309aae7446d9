/** What may differ, and why. A pattern is looked for in the sentence that tells the difference. */
export const allowed: readonly { readonly pattern: RegExp; readonly reason: string }[] = []

/** Those for which there is no reason. */
export function unexplained(differences: readonly string[]): string[] {
  return differences.filter((text) => !allowed.some(({ pattern }) => pattern.test(text)))
}
