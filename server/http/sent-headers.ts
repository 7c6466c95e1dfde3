/** A request's headers as they were sent, whatever became of them for those who read the request. */
import type { IncomingMessage } from 'node:http'

/** Name and value of each, in their order. */
export function sentHeaders({ rawHeaders }: IncomingMessage): [name: string, value: string][] {
  const headers: [string, string][] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    // HTTP/2 has the request line, and Host, as headers whose names begin so.
    if (name === ':authority') headers.push(['host', value])
    else if (!name.startsWith(':')) headers.push([name, value])
  }
  return headers
}
