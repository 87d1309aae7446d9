type Present<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

/** Without the fields that are `undefined`, so that they do not take the place of a default. */
export function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]) => inner !== undefined),
  ) as Present<T>
}
