/** What stands between a browser and pods: several of them behind one address, or a proxy that strips a path. */
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import { startKuard, type Kuard } from './kuard.ts'

/** Starts a server that takes itself for a pod of this name. */
export function startPod(context: TestContext, name: string, args: readonly string[] = [], version = 'blue') {
  const script = `echo ${name} > /proc/sys/kernel/hostname && exec "$@"`
  const under = ['unshare', '--map-root-user', '--uts', 'sh', '-c', script, 'sh']
  return startKuard(context, args, { under, env: { KUARD_VERSION: version } })
}

/**
 * Serves what other servers answer, each request on a connection of its own.
 * @param choose which of them gets a request
 * @param stripped the path below which they are found here, such as `/proxy`
 */
export async function startService(
  context: TestContext,
  choose: (request: IncomingMessage) => Pick<Kuard, 'port'>,
  stripped = '',
): Promise<{ url: string }> {
  const server = createServer((request, response) => {
    const { method, headers, url = '' } = request
    if (!url.startsWith(`${stripped}/`)) {
      response.writeHead(404).end('this proxy knows no such path')
      return
    }
    const { port } = choose(request)
    const path = url.slice(stripped.length)
    const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    asked.on('error', () => response.destroy())
    response.on('close', () => asked.destroy())
    request.pipe(asked)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(context, () => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** A proxy that passes an answer on when it has all of it, as some tunnels do: of an event stream nothing ever comes. */
export async function startBufferingProxy(context: TestContext, { port }: Kuard): Promise<{ url: string }> {
  const server = createServer((request, response) => {
    const { method, headers, url: path } = request
    const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(chunks)),
      )
    })
    asked.on('error', () => response.destroy())
    response.on('close', () => asked.destroy())
    request.pipe(asked)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(context, () => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
