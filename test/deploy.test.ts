import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'

const hasDocker = spawnSync('docker', ['stack', 'config', '--help']).status === 0

describe('the stack', () => {
  const onDocker = hasDocker ? it : it.skip
  onDocker('is accepted by docker, with two replicas beside the database', () => {
    const config = execFileSync('docker', ['stack', 'config', '-c', 'stack.yml'], { encoding: 'utf8' })
    expect(config).toMatch(/replicas: 2/)
    expect(config).toMatch(/image: mongo:8/)
  })
})
