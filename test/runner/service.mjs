import { spawn } from 'node:child_process'

/**
 * The service as `npm start` runs it, on a free port of this machine and a data folder of its own.
 *
 * @param more further settings
 * @param flags of Node
 */
export async function startService(folder, more, flags = []) {
  const own = { HOST: '127.0.0.1', PORT: '0', PASTA_DADOS: folder, LOG_NIVEL: 'warn', MONGODB_URI: undefined }
  const env = { ...process.env, ...own, ...more }
  const child = spawn(process.execPath, [...flags, 'dist/src/main.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const url = await new Promise((resolve, reject) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part
      const found = /consultor da vez em (http:\S+)/.exec(text)
      if (found) resolve(found[1])
    })
    child.once('exit', () => reject(new Error('the service did not start')))
  })
  const stop = () => {
    child.kill('SIGTERM')
    return ended
  }
  return { url, stop }
}
