import { readFileSync, writeFileSync } from 'node:fs'
import { configurationPage } from './configuration.js'

writeFileSync('docs/configuracao.md', configurationPage(readFileSync('.env.example', 'utf8')))
