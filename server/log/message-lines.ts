/** The lines for people of everything but requests, made of the JSON that pino writes. */
import { printable } from '../text/printable.ts'
import { localTime } from './local-time.ts'

/** How wide an object is laid out, in characters. */
const width = 100

/** A line for people, dated as kuard's own lines are; only what is indented goes on below it. */
export function textMessage(line: string): string {
  const {
    level,
    time,
    msg,
    err,
    'trace.id': trace,
    'span.id': _,
    ...rest
  } = JSON.parse(line) as Record<string, unknown>
  const severity = level === 'info' ? '' : `${String(level).toUpperCase()} `
  const details = Object.values(rest).map((value) => ` ${layOut(value)}`)
  const cause =
    err === undefined ? '' : `: ${indented((err as { stack?: string }).stack ?? JSON.stringify(err))}`
  const traced = typeof trace === 'string' ? ` trace=${trace}` : ''
  return `${localTime(Date.parse(String(time)))} ${severity}${printable(String(msg))}${details.join('')}${traced}${cause}\n`
}

const indented = (text: string): string => text.split('\n').map(printable).join('\n  ')

/** An object as JSON, in as few lines as are easily read. */
function layOut(value: unknown): string {
  const fields = Object.entries(value as object).map(([name, field]) => `"${name}": ${JSON.stringify(field)}`)
  const lines: string[] = []
  for (const field of fields.map(printable)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + field.length < width)
      lines[lines.length - 1] = `${last}, ${field}`
    else lines.push(field)
  }
  return lines.length > 1 ? `{\n  ${lines.join(',\n  ')}\n}` : `{ ${lines.join('')} }`
}
