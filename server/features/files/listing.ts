/** A directory's listing, in the form of Go's http.FileServer and as JSON. Both are made slice by slice. */
import { escapeHtml } from '../../text/html.ts'
import type { Names } from './directory.ts'
import { describeEntries, hrefOf } from './entry.ts'
import { Owners } from './owners.ts'
import { readable } from './path.ts'
import type { Place } from './tree.ts'
import type { Turns } from './turns.ts'

/** One link for each name. */
export async function* htmlListing(names: Names): AsyncGenerator<string> {
  yield '<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n'
  for await (const slice of names.slices()) {
    yield slice
      .map(({ name, kind }) => {
        const text = `${readable(name)}${kind === 'directory' ? '/' : ''}`
        return `<a href="${hrefOf(name, kind)}">${escapeHtml(text)}</a>\n`
      })
      .join('')
  }
  yield '</pre>\n'
}

/** As FileListing has it. */
export async function* jsonListing(
  path: string,
  directory: Place,
  names: Names,
  turns: Turns,
): AsyncGenerator<string> {
  const owners = await Owners.read(turns)
  yield `{"path":${JSON.stringify(path)},"entries":[`
  let separator = ''
  for await (const slice of names.slices()) {
    const entries = await describeEntries(directory, slice, owners, turns)
    if (entries.length === 0) continue
    yield separator + entries.map((entry) => JSON.stringify(entry)).join(',')
    separator = ','
  }
  yield ']}\n'
}
