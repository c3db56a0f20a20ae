import { EXPECTED, VARIABLES } from '../../src/config.js'

export interface Documented {
  readonly name: string
  readonly text: string
  /** As `.env.example` tells it. */
  readonly standard: string
}

/**
 * What `.env.example` says of each variable: the comment above it, of which the last sentence is `Padrão: …`.
 *
 * @throws when a variable has no such comment
 */
export function documented(example: string): Documented[] {
  return Object.keys(VARIABLES).map((name) => {
    const [, comment = '', standard = ''] = new RegExp(`^# (.+?)\\. Padrão: (.+)\\n${name}=$`, 'm').exec(example) ?? []
    if (comment === '') throw new Error(`.env.example does not say what ${name} is and what its default is`)
    return { name, text: comment, standard }
  })
}

const row = ({ name, text, standard }: Documented): string => {
  const expected = Object.entries(EXPECTED).find(([one]) => one === name)?.[1] ?? 'texto livre'
  return `| \`${name}\` | ${[text, expected, standard].map(cell).join(' | ')} |`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const table = (rows: readonly Documented[]): string =>
  ['| variável | para quê | valor | padrão |', '|---|---|---|---|', ...rows.map(row)].join('\n')

/** The page `docs/configuracao.md`: every variable of the schema, with the words of `.env.example`. */
export function configurationPage(example: string): string {
  const all = documented(example)
  const isPipedrive = ({ name }: Documented): boolean => name.startsWith('PIPEDRIVE_')
  return `# Configuração

<!-- Gerada por \`npm run docs:configuracao\` a partir de src/config.ts e .env.example: mude lá. -->

Em desenvolvimento nada é obrigatório. Em produção (\`NODE_ENV=production\`) são precisos \`MONGODB_URI\`, uma chave de
administrador (\`AUTHENTICATION_API_KEY\`, ou uma no banco) e, assim que houver uma conta de chat, \`CHAVE_MESTRA\`.

- As variáveis vêm do ambiente e de um arquivo \`.env\` ao lado de package.json (\`cp .env.example .env\`). Ele é lido por
  \`npm start\`, \`dev\`, \`migrate\`, \`importar\`, \`reparar\` e \`pipedrive:setup\`; nunca por testes, bench e demo, nem por
  \`node dist/src/main.js\` (a imagem).
- O ambiente vale mais que o arquivo, também quando está vazio: \`MONGODB_URI= npm start\` usa o banco local.
- Em \`.env\`, um valor com \`#\` ou espaços vai entre aspas. Um nome parecido com um destes recebe um aviso na partida.
- Cada uma pode vir de um arquivo: \`NOME_FILE=/caminho\` (segredos do Docker). Definir \`NOME\` e \`NOME_FILE\` no mesmo lugar é um
  erro; no ambiente, qualquer dos dois vale mais que ambos em \`.env\`.
- Uma variável vazia conta como ausente.
- Um valor inválido encerra a partida com uma linha que diz qual variável e o que se espera. O valor nunca aparece.

## O serviço

${table(all.filter((one) => !isPipedrive(one)))}

## Pipedrive

Sem \`PIPEDRIVE_API_TOKEN\` a sincronização fica desligada e as outras não têm efeito. O que cada escolha significa:
[pipedrive.md](pipedrive.md#o-que-decidir).

${table(all.filter(isPipedrive))}
`
}
