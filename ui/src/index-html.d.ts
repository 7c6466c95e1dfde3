/** What the script of index.html gives to the app. */

/** Loads the page again, but not twice within half a minute. Resolves to whether it does, which takes all that is on show away. */
declare const reloadOnce: () => Promise<boolean>
