/** Where this server's addresses begin: below any path that a proxy strips, and below /a, /b or /c. */

/** With its final slash. The server has set the page's base to it; every relative address in the page starts here. */
export const root = new URL(document.baseURI)
