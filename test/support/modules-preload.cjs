/** Preloaded with `--require`, writes into MODULES_FILE at SIGUSR2 which modules are loaded, Node's own and files. CommonJS, since an import loads more of them. */
const { writeFileSync } = require('node:fs')

process.on('SIGUSR2', () => {
  writeFileSync(
    process.env.MODULES_FILE,
    [...process.moduleLoadList, ...Object.keys(require.cache)].join('\n'),
  )
})
