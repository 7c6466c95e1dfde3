/** Text of strangers in a terminal or a log. */

// As \p{Cc}, which takes three times as long. It is on the path of every request.
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\0-\x1f\x7f-\x9f\u2028\u2029]/
const everyControl = new RegExp(controls, 'g')

/** The text with its control characters escaped as in JSON, so that it can neither break a line nor steer a terminal. */
export const printable = (text: string): string =>
  controls.test(text)
    ? text.replace(everyControl, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text
