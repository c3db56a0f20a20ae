// Loaded before the service: should the demonstration die without a word, the service ends in order instead of staying behind.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
