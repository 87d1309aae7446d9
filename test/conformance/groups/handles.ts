/** What an adapter may keep open: sockets and timers. Files and workers are the test runner's own. */
const HANDLES = /Socket|Pipe|Timeout|Immediate|HTTP/

/** How many of them this process has open. */
export function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => HANDLES.test(name)).length
}
