/** GET /fs/PATH: a directory's listing or a file's bytes, inert in a browser. */
import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ShowPage } from '../../feature.ts'
import type { Http } from '../../http/http.ts'
import { preferenceOf } from '../../http/accept.ts'
import { HttpError, withStatus } from '../../http/errors.ts'
import { forbidCaching, nameJson } from '../../http/json.ts'
import { filesRoute, withoutPrefix } from '../../http/prefix.ts'
import { nothing, schemasOf, text } from '../../http/schemas.ts'
import type { FileBrowser } from './browser.ts'
import type { Content } from './content.ts'
import { kindOf } from './kind.ts'
import { htmlListing } from './listing.ts'
import { mediaType } from './media-type.ts'
import { parsePath, type ByteText, type RequestedPath } from './path.ts'
import { requestedRange } from './range.ts'
import { Refusal, type Reason } from './refusal.ts'
import type { Place } from './tree.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** Whatever a file holds, a browser runs none of it. */
const inert = { 'content-security-policy': "sandbox; default-src 'none'", vary: 'Accept' }

/** A listing is as inert, but what its links lead to may be saved. */
const inertListing = "sandbox allow-downloads; default-src 'none'"

const html = 'text/html; charset=utf-8'
const json = 'application/json'

const bytes = { type: 'string', format: 'binary' }

const schema = {
  summary:
    'A directory as HTML with links, or a file’s bytes; either one described as JSON for Accept: application/json',
  response: {
    200: {
      description: 'a listing, or the whole file',
      content: {
        'application/json': { schema: schemaOf('FileListing') },
        'text/html': { schema: text() },
        '*/*': { schema: bytes },
      },
    },
    206: { description: 'the range that was asked for', content: { '*/*': { schema: bytes } } },
    301: nothing('the same with the final slash that a directory has, or without'),
    304: nothing('the file is as old as If-Modified-Since says'),
    400: text('no path, or a FIFO, a socket or a device'),
    403: text('no permission, or outside of --fs-root'),
    404: text('nothing is there'),
    416: text('the file has no such range'),
    500: text('the file system failed'),
    503: text('the file system is too slow, or too much is open'),
  },
}

/**
 * Mounts every route.
 * @param showPage for a directory that a browser goes to, if there is a UI
 */
export function filesRoutes(http: Http, browser: FileBrowser, showPage: ShowPage | undefined): void {
  for (const method of ['GET', 'HEAD'] as const) {
    // Fastify's own HEAD would read every file to its end.
    http.route({
      method,
      url: filesRoute,
      exposeHeadRoute: false,
      schema,
      config: { page: true },
      errorHandler,
      handler: (request: FastifyRequest, reply: FastifyReply) => answer(browser, showPage, request, reply),
    })
  }
}

const statuses: Readonly<Record<Reason, number>> = {
  unsuitable: 400,
  forbidden: 403,
  missing: 404,
  failed: 500,
  busy: 503,
}

/** Gives a refusal its status, here and where a path is watched. */
export const errorHandler = withStatus((error) =>
  error instanceof Refusal ? statuses[error.reason] : undefined,
)

async function answer(
  browser: FileBrowser,
  showPage: ShowPage | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.headers(inert)
  forbidCaching(reply)
  const path = requestedPath(request)
  const place = await closedWith(reply, browser.tree.find(path.names))
  const kind = kindOf(place.stats)
  const isDirectory = kind === 'directory'
  // Links and redirects are relative, since a proxy may have taken off a prefix that this server never sees.
  if (isDirectory !== path.endsInSlash)
    return reply.redirect(isDirectory ? path.withSlash : path.withoutSlash, 301)

  const { json: wantsJson, page: wantsPage } = preferenceOf(request.headers.accept)
  if (isDirectory && wantsPage && showPage) return showPage(request, reply)
  if (isDirectory) return answerDirectory(browser, request, reply, place, wantsJson ? path.names : undefined)
  if (wantsJson) return nameJson(reply).send(await browser.describeOne(path.names, place))
  if (kind !== 'file')
    throw new Refusal('unsuitable', `this is not an ordinary file (${kind}), so it is not opened`)
  const content = await closedWith(reply, browser.openContent(place))
  return answerFile(request, reply, content, await mediaType(path.names.at(-1) ?? '', content.head))
}

/** The path below /fs/ as it was sent: its bytes may be such as no router takes. */
function requestedPath({ originalUrl }: FastifyRequest): RequestedPath {
  const [path = ''] = withoutPrefix(originalUrl).split('?', 1)
  return parsePath(path.slice('/fs/'.length))
}

/** Closes what was opened when the answer has ended, be it sent, failed, or left by its client. */
async function closedWith<Opened extends { close(): unknown }>(
  { raw }: FastifyReply,
  opening: Promise<Opened>,
): Promise<Opened> {
  const opened = await opening
  if (raw.closed) opened.close()
  else raw.once('close', () => opened.close())
  return opened
}

/** @param path given if the answer is to be JSON */
async function answerDirectory(
  browser: FileBrowser,
  request: FastifyRequest,
  reply: FastifyReply,
  directory: Place,
  path: readonly ByteText[] | undefined,
): Promise<FastifyReply> {
  const names = await closedWith(reply, browser.readNames(directory))
  reply.header('content-security-policy', inertListing).type(path ? json : html)
  if (request.method === 'HEAD') return reply.send()
  const pieces = path ? browser.describeAll(path, directory, names) : htmlListing(names)
  return reply.send(Readable.from(pieces, { highWaterMark: 1 }))
}

function answerFile(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  content: Content,
  type: string,
): FastifyReply {
  const { size, modified } = content
  reply.type(type)
  if (modified) reply.header('last-modified', modified.toUTCString())
  if (modified && isUnchanged(headers, modified)) return reply.code(304).send()
  const range = size === undefined ? undefined : requestedRange(rangeThatCounts(headers, modified), size)
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${size ?? 0}`)
    throw new HttpError(416, `the file has ${size ?? 0} bytes, none of them in this range`)
  }
  const { first, last } = range ?? { first: 0, last: (size ?? Infinity) - 1 }
  if (size !== undefined) reply.headers({ 'accept-ranges': 'bytes', 'content-length': last - first + 1 })
  if (range) reply.code(206).header('content-range', `bytes ${first}-${last}/${size ?? 0}`)
  return method === 'HEAD' ? reply.send() : reply.send(content.bytes(first, last))
}

/** Whether the client has this already: to the second, as HTTP dates are (RFC 9110, section 13.1.3). */
function isUnchanged(headers: IncomingHttpHeaders, modified: Date): boolean {
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return headers['if-none-match'] === undefined && Math.floor(modified.getTime() / 1000) * 1000 <= since
}

/** A range counts only if the file is still the one that If-Range names (RFC 9110, section 13.1.5). */
function rangeThatCounts(headers: IncomingHttpHeaders, modified: Date | undefined): string | undefined {
  const condition = headers['if-range']
  return condition === undefined || condition === modified?.toUTCString() ? headers.range : undefined
}
