/** Preloaded with `--import`, has the process fail at SIGUSR2 in the way that FAIL_BY names, and nobody catches. */
process.on('SIGUSR2', () => {
  const failure = new Error('out of order')
  if (process.env.FAIL_BY === 'unhandled rejection') void Promise.reject(failure)
  else throw failure
})
