/** The published types are for another major version and disagree with the wire, see `DockerLike` in client.ts. */
declare module 'dockerode' {
  const Docker: new (options: { readonly modem: unknown }) => unknown
  export default Docker
}
