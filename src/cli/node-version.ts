/**
 * Why this Node cannot run the program, or nothing when it can. `range` is `engines.node` of package.json, `>=22.19`.
 */
export function tooOld(running: string, range: string): string | undefined {
  const [major = 0, minor = 0] = numbers(running)
  const [wantedMajor = 0, wantedMinor = 0] = numbers(range)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined
  return `intermodal needs Node ${wantedMajor}.${wantedMinor} or newer; this is ${running}`
}

function numbers(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number)
}
