import type { Explanation } from 'intermodal'
import type { Paint } from '../style.ts'
import { age, plural, safe } from './text.ts'

/** Why it is not as it should be, and what to try. */
export function renderExplanation(
  explanation: Explanation,
  { paint, now }: { readonly paint: Paint; readonly now: number },
): string {
  const lines = [paint('bold', safe(explanation.summary))]
  for (const finding of explanation.findings) {
    const where =
      finding.instances.length > 0 ? `, ${plural(finding.instances.length, 'instance')}` : ''
    lines.push(
      '',
      `${paint('yellow', finding.code)}  ${safe(finding.message)} ${paint('dim', `(for ${age(now - finding.since)}${where})`)}`,
      ...finding.remedies.map((remedy) => `  ${paint('green', '→')} ${safe(remedy)}`),
    )
  }
  return lines.join('\n')
}
