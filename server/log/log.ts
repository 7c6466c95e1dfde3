/** The log: lines for people by default, JSON for collectors. */
import { pino, stdTimeFunctions, type Logger } from 'pino'
import { ecsLines, type Service } from './ecs-lines.ts'
import { textMessage } from './message-lines.ts'
import { RequestLines, textRequest, type RequestLine } from './request-lines.ts'
import { Stdout } from './stdout.ts'

/** The process's log. */
export interface Log extends Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> {
  /** Logs a request; undefined when the level leaves it out. */
  readonly request: ((line: RequestLine) => void) | undefined
  /** Resolves when every line has been written, or when it is plain that it can't be. What is logged after is dropped. */
  close(): Promise<void>
}

/** How the log is written. */
export interface LogSettings {
  readonly format: 'text' | 'json'
  /** Lines of less weight are left out; a request is `info`. */
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** The share of requests that are logged, from 0 to 1; those that this server fails at all are. */
  readonly sample: number
  /** Whose log it is, as JSON tells it. */
  readonly service: Service
}

const textLines = { request: textRequest, message: textMessage }

/** Statuses from here on are the server's own failures. */
const failures = 500

/** The trace that a line is a part of, and the span where that is this process's. */
export interface LineTrace {
  readonly traceId: string
  readonly spanId?: string
}

/** What the log is given beside the words of a line that is a part of a trace. */
export const fieldsOf = ({ traceId, spanId }: LineTrace): Readonly<Record<string, string>> => ({
  'trace.id': traceId,
  ...(spanId !== undefined && { 'span.id': spanId }),
})

/** Opens the log on standard output. */
export function openLog({ format, level, sample, service }: LogSettings): Log {
  const lines = format === 'json' ? ecsLines(service) : textLines
  const out = new Stdout((count) => {
    const msg = `${count} lines of the log are missing here: its reader was too slow for them`
    return lines.message(JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg }))
  })
  const print = (text: string) => {
    out.write(text)
  }
  const requests = new RequestLines((line) => lines.request(line), print)
  const write = (line: string) => {
    requests.flush()
    print(lines.message(line))
  }
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  const close = () => {
    requests.flush()
    return out.close()
  }
  return Object.assign(logger, {
    request: logger.isLevelEnabled('info') ? sampled(requests.write, sample) : undefined,
    close,
  })
}

/** Leaves requests out by chance, but none that the server failed at. */
function sampled(write: (line: RequestLine) => void, share: number): (line: RequestLine) => void {
  if (share === 1) return write
  return (line) => {
    if (line.status >= failures || line.rpcFailed === true || Math.random() < share) write(line)
  }
}
