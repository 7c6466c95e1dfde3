/** The metrics library, which is loaded at the first scrape alone. */

/** What a feature registers its metrics with. */
export type Prometheus = typeof import('prom-client')
