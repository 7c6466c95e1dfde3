/** Passwords in URLs, which are for nobody's eyes. */

/** Puts stars in the place of the password of each URL, also of one that is not quite a URL. */
export const hidePasswords = (text: string): string =>
  text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):\S*@/gi, '$1:***@')
