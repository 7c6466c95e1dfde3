/** The log: lines for people by default, JSON for collectors. */
import { pino, stdTimeFunctions, type Logger } from 'pino'
import { jsonMessage, textMessage } from './message-lines.ts'
import { jsonRequest, RequestLines, textRequest, type RequestLine } from './request-lines.ts'
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
}

/** Opens the log on standard output. */
export function openLog({ format, level }: LogSettings): Log {
  const [formatRequest, formatMessage] =
    format === 'json' ? [jsonRequest, jsonMessage] : [textRequest, textMessage]
  const out = new Stdout((lines) => {
    const msg = `${lines} lines of the log are missing here: its reader was too slow for them`
    return formatMessage(JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg }))
  })
  const print = (text: string) => {
    out.write(text)
  }
  const requests = new RequestLines(formatRequest, print)
  const write = (line: string) => {
    requests.flush()
    print(formatMessage(line))
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
    request: logger.isLevelEnabled('info') ? requests.write : undefined,
    close,
  })
}
