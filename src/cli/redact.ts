/** Any `scheme://user:password@` in a text; the password goes, the user stays. */
const CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)([^\s/@:]*)(?::[^\s@]*)?@/gi
const SECRET_QUERY = /([?&](?:token|password|secret|key|auth)[^=&\s]*=)[^&\s]+/gi

/** A target or message without the credentials a URL in it may carry. */
export function redact(text: string): string {
  return text
    .replace(CREDENTIALS, (match, scheme: string, user: string) =>
      match.includes(':', scheme.length) ? `${scheme}${user}:***@` : match,
    )
    .replace(SECRET_QUERY, '$1***')
}
