/** What stands between a browser and pods: several of them behind one address, or a proxy that strips a path. */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { atEnd, type Lifetime } from './at-end.ts'
import { startKuard, type Kuard } from './kuard.ts'

/** Starts a server that takes itself for a pod of this name. */
export function startPod(context: Lifetime, name: string, args: readonly string[] = [], version = 'blue') {
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
  context: Lifetime,
  choose: (request: IncomingMessage) => Pick<Kuard, 'port'>,
  stripped = '',
): Promise<{ url: string }> {
  return startProxy(context, (request, response) => {
    const { url = '' } = request
    if (!url.startsWith(`${stripped}/`)) {
      response.writeHead(404).end('this proxy knows no such path')
      return
    }
    const target = { port: choose(request).port, path: url.slice(stripped.length) }
    passOn(request, response, target, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
  })
}

/**
 * A proxy that passes an answer on when it has all of it, as some tunnels do: of an event stream nothing ever comes.
 * @param loses whether a request is never answered
 */
export async function startBufferingProxy(
  context: Lifetime,
  { port }: Kuard,
  loses: (request: IncomingMessage) => boolean = () => false,
): Promise<{ url: string }> {
  return startProxy(context, (request, response) => {
    if (loses(request)) return
    passOn(request, response, { port, path: request.url }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(chunks)),
      )
    })
  })
}

async function startProxy(context: Lifetime, answer: RequestListener): Promise<{ url: string }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(context, () => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Asks another server what a proxy was asked. Who leaves one side leaves the other. */
function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  target: Pick<RequestOptions, 'port' | 'path'>,
  answered: (answer: IncomingMessage) => void,
): void {
  const { method, headers } = request
  const asked = httpRequest({ host: '127.0.0.1', ...target, method, headers, agent: false }, answered)
  asked.on('error', () => response.destroy())
  response.on('close', () => asked.destroy())
  request.pipe(asked)
}
