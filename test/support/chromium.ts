/** How Chromium is started: Debian's package, or the one that CHROMIUM_PATH names. */
import type { LaunchOptions } from 'playwright-core'

/** The one without windows: for each visitor a browser with windows takes three times the work. As root it has no sandbox. */
export const chromiumOptions: LaunchOptions = {
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium-headless-shell',
  chromiumSandbox: process.getuid?.() !== 0,
  // Names below .test are of this machine: by another than localhost, plain HTTP is no secure context.
  args: ['--disable-gpu', '--disable-quic', '--host-resolver-rules=MAP *.test 127.0.0.1'],
}
