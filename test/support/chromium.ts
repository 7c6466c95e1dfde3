/** How Chromium is started: Debian's package, or the one that CHROMIUM_PATH names. */
import type { LaunchOptions } from 'playwright-core'

/** The one without windows: for each visitor a browser with windows takes three times the work. As root it has no sandbox. */
export const chromiumOptions: LaunchOptions = {
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium-headless-shell',
  chromiumSandbox: process.getuid?.() !== 0,
  args: ['--disable-gpu', '--disable-quic'],
}
