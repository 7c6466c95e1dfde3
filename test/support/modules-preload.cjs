/** Preloaded with `--require`, writes into MODULES_FILE at SIGUSR2 which of Node's own modules are loaded. CommonJS, since an import loads more of them. */
const { writeFileSync } = require('node:fs')

process.on('SIGUSR2', () => {
  writeFileSync(process.env.MODULES_FILE, process.moduleLoadList.join('\n'))
})
