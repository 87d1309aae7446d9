/** A law that does not hold: what was seen against what had to be. */
export class Breach extends Error {
  override readonly name = 'Breach'
}

export function hold(law: boolean, message: () => string): void {
  if (!law) throw new Breach(message())
}
