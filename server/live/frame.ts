/** Events as they are written. */

/** An event in the stream's format (WHATWG HTML, section 9.2.5). JSON has no line breaks, so one data line will do. */
export const frameOf = (event: string, state: unknown): Buffer => textFrameOf(event, JSON.stringify(state))

/** @param json without line breaks */
export const textFrameOf = (event: string, json: string): Buffer =>
  Buffer.from(`event: ${event}\ndata: ${json}\n\n`)
