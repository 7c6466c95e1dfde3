/** How Chromium is started: Debian's package, or the one that CHROMIUM_PATH names. */
import type { LaunchOptions } from 'playwright-core'

/** As root Chromium has no sandbox. */
export const chromiumOptions: LaunchOptions = {
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  chromiumSandbox: process.getuid?.() !== 0,
  args: ['--disable-gpu', '--disable-quic'],
}
