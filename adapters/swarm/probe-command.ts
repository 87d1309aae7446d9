import type { Probe } from 'intermodal'

/**
 * A probe as one line for `/bin/sh -c` with what usual images have in them, run inside the container.
 *
 * `wget` gets no `-T`: Debian's static busybox crashes on it, and Docker ends a check that takes too long anyway.
 */
export function probeLine(probe: Probe, port: number): string {
  switch (probe.type) {
    case 'exec':
      return probe.command.map(quote).join(' ')
    case 'http':
    case 'https':
      return httpLine(probe, port)
    case 'tcp':
      return tcpLine(port)
    case 'grpc':
      return grpcLine(probe.service, port)
  }
}

function httpLine(probe: Extract<Probe, { type: 'http' | 'https' }>, port: number): string {
  const url = quote(`${probe.type}://127.0.0.1:${port}${probe.path}`)
  const headers = [
    ...(probe.host === undefined ? [] : [`Host: ${probe.host}`]),
    ...Object.entries(probe.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ].map(quote)
  // The certificate names the outside, not 127.0.0.1; every engine's https probe leaves it unchecked.
  const insecure = probe.type === 'https'
  const wget = [
    'wget -q -O /dev/null',
    ...(insecure ? ['--no-check-certificate'] : []),
    ...headers.map((header) => `--header ${header}`),
    url,
  ]
  const curl = [
    'curl -fsSL -o /dev/null',
    ...(insecure ? ['-k'] : []),
    ...headers.map((header) => `-H ${header}`),
    url,
  ]
  return `if command -v wget >/dev/null 2>&1; then ${wget.join(' ')}; else ${curl.join(' ')}; fi || exit 1`
}

// Last resort: the kernel's list of listening sockets, 0A, which any image with grep can read.
function tcpLine(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return [
    `nc -z 127.0.0.1 ${port} 2>/dev/null`,
    `bash -c '</dev/tcp/127.0.0.1/${port}' 2>/dev/null`,
    `grep -qE ':${hex} [0-9A-F]+:0000 0A' /proc/net/tcp /proc/net/tcp6 2>/dev/null`,
    'exit 1',
  ].join(' || ')
}

function grpcLine(service: string | undefined, port: number): string {
  const wanted = service === undefined ? '' : ` -service=${quote(service)}`
  return `grpc_health_probe -addr=127.0.0.1:${port}${wanted} || exit 1`
}

/** What the image has to bring for it. */
export function needs(probe: Probe): string {
  if (probe.type === 'tcp') return 'a shell with nc, bash or grep'
  if (probe.type === 'grpc') return 'a shell and grpc_health_probe'
  return 'a shell with wget or curl'
}

function quote(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
