/** Preloaded while dist/ is built: when the process ends, writes what V8 has compiled of dist/server.cjs beside it. */
const { writeFileSync } = require('node:fs')
const vm = require('node:vm')

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options)
    process.on('exit', () => {
      writeFileSync(options.filename.replace(/\.cjs$/, '.cache'), this.createCachedData())
    })
  }
}
