/**
 * Pages of pods, in a Chromium with a loopback interface of its own: beside pods it would drop its requests, since it does so
 * whenever the machine gets or loses an interface (ERR_NETWORK_CHANGED).
 */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { chromium, type Browser, type Page } from 'playwright-core'
import { atEnd, wholeLifetime } from './at-end.ts'
import { openPageIn, type PageOptions } from './browser.ts'
import { chromiumOptions } from './chromium.ts'
import type { Forward } from './cluster.ts'
import { temporaryFolder } from './folder.ts'
import { OwnLoopback } from './own-loopback.ts'

/** The test file. */
const file = wholeLifetime()
let started: Promise<{ readonly browser: Browser; readonly loopback: OwnLoopback }> | undefined
const opened = new Set<number>()

/** As openPage, through a port-forward or a proxy. @param base where the page is found there */
export async function openPageOfPod(
  context: TestContext,
  forward: Pick<Forward, 'port' | 'url'>,
  path = '/',
  options: PageOptions = {},
): Promise<Page> {
  const { browser, loopback } = await (started ??= start(forward.port))
  if (!opened.has(forward.port)) {
    opened.add(forward.port)
    await loopback.open(forward.port)
  }
  return openPageIn(browser, context, forward, path, options)
}

/** @param port the first that is needed: before one is open there is nothing to enter */
async function start(port: number): Promise<{ browser: Browser; loopback: OwnLoopback }> {
  const loopback = new OwnLoopback(file)
  opened.add(port)
  await loopback.open(port)
  const inside = join(temporaryFolder(file), 'chromium')
  const { executablePath = '', ...options } = chromiumOptions
  writeFileSync(inside, `#!/bin/sh\nexec ${loopback.under.join(' ')} '${executablePath}' "$@"\n`)
  chmodSync(inside, 0o755)
  // In the namespace it takes itself for root, which has no sandbox.
  const browser = await chromium.launch({ ...options, executablePath: inside, chromiumSandbox: false })
  atEnd(file, () => browser.close())
  return { browser, loopback }
}
