import { PAGINAS } from './paginas.mjs'

/**
 * What this product promises, each with a way to break it and the tests that have to fail then. `de` stands once in the file.
 * `motor`: the tests need an engine; `compilado`: they start the compiled service, so it is compiled anew.
 */
const RULES = 'src/vez/rules'
const rule = (regra, arquivo, de, para, testes) => ({ regra, arquivo: `${RULES}/${arquivo}`, de, para, testes })
const unit = (...names) => names.map((name) => `test/vez/rules/${name}.test.ts`)
const condition = (name, de, para, ...testes) => rule(`condition ${name}`, 'eligibility.ts', de, para, unit(...testes))

const CONDITIONS = [
  condition('inativo', 'holds: ({ ativo }) => ativo', 'holds: () => true', 'model'),
  condition('fora_da_sequencia', 'holds: ({ sequencial }) => sequencial', 'holds: () => true', 'preference'),
  condition('equipe', 'holds: (one, { equipe }) => isOfTeam(one, equipe)', 'holds: () => true', 'model'),
  condition('idioma', 'holds: (one, { idioma }) => speaks(one, idioma)', 'holds: () => true', 'model'),
  condition('horario, of a person', 'horario?.dentro !== false && isOpen', 'isOpen', 'hours'),
  condition(
    'horario, of an account',
    'horario?.dentro !== false && isOpen(wanted, roster)',
    'horario?.dentro !== false',
    'hours',
  ),
  condition('pausa', 'holds: ({ pausa }) => pausa === undefined', 'holds: () => true', 'pause'),
  condition('offline', 'holds: ({ online }) => online', 'holds: () => true', 'model'),
  condition('limite', 'holds: (one, _, roster) => !isAtLimit(one, roster)', 'holds: () => true', 'limit'),
  condition(
    'order: a pause is named before offline',
    "  { name: 'pausa', motivo: 'todos_em_pausa', holds: ({ pausa }) => pausa === undefined },\n  { name: 'offline', motivo: 'ninguem_online', holds: ({ online }) => online },\n",
    "  { name: 'offline', motivo: 'ninguem_online', holds: ({ online }) => online },\n  { name: 'pausa', motivo: 'todos_em_pausa', holds: ({ pausa }) => pausa === undefined },\n",
    'model',
    'pause',
  ),
]

const TURN = [
  rule(
    'the turn is whose number is the lowest',
    'line.ts',
    'if (turno < lowest ||',
    'if (turno > lowest ||',
    unit('decide', 'model'),
  ),
  rule(
    'a tie goes to the lowest id',
    'line.ts',
    'chosen !== undefined && id < chosen',
    'chosen !== undefined && id > chosen',
    unit('decide', 'model'),
  ),
  rule(
    'whoever got a turn is last',
    'draft.ts',
    'preferred ? consultor.turno : protocolo.n',
    'consultor.turno',
    unit('decide'),
  ),
  rule(
    'whoever is preferred keeps his place',
    'draft.ts',
    'preferred ? consultor.turno : protocolo.n',
    'protocolo.n',
    unit('preference'),
  ),
  rule(
    'a preferred person has to be eligible',
    'preference.ts',
    'preferred && fails === undefined',
    'preferred',
    unit('preference'),
  ),
  rule('whoever is new is last', 'roster.ts', '    turno: draft.seq,', '    turno: 0,', unit('decide')),
  rule('numbers are dense', 'draft.ts', 'this.seq += 1', 'this.seq += 2', unit('decide')),
  rule('who was passed over is kept', 'line.ts', '    ...line.passedOver(chosen),\n', '', unit('model', 'decide')),
  rule(
    'a key is answered once',
    'decide.ts',
    'return replay(draft, prior, command) ?? takeTurn',
    'return takeTurn',
    unit('decide'),
  ),
  rule('a key for something else is refused', 'decide.ts', 'known.impressao !== impressao', 'false', unit('decide')),
  rule('a snapshot is not read back to what it was not', 'decide.ts', 'if (draft.full) break', '', unit('decide')),
]

const POLICIES = [
  rule('boundaries are crossed before turns', 'decide.ts', '  crossBoundaries(draft)\n', '', unit('pause', 'hours')),
  rule(
    'boundaries are crossed in the order of time',
    'boundaries.ts',
    'one.ate.getTime() - other.ate.getTime()',
    'other.ate.getTime() - one.ate.getTime()',
    unit('pause'),
  ),
  rule('going online ends a pause', 'roster.ts', 'mudanca.pausa', 'undefined', unit('pause')),
  rule(
    'hours are looked up, not turned over',
    'hours.ts',
    'const horario = horarioAfter(planoOfWho(draft, who), before, draft.moment.now, lookUp)',
    'const horario = { dentro: before?.dentro === false, desde: draft.moment.now }',
    unit('hours'),
  ),
  rule('a change of hours crosses no boundary back', 'hours.ts', '  return desde\n', '  return now\n', unit('hours')),
  rule(
    'a common change looks everybody’s hours up',
    'politica.ts',
    '    reviewHours(draft, autor)\n',
    '',
    unit('hours'),
  ),
  rule(
    'a limit counts numbers that wait for their copy',
    'limit.ts',
    "copied.get(n) ?? { responsavel_id: consultor_id, status: 'aberto' }",
    "copied.get(n) ?? { responsavel_id: null, status: 'aberto' }",
    unit('limit'),
  ),
  rule('a limit counts a number once', 'limit.ts', 'else own.delete(n)', '', unit('limit')),
  rule(
    'a number raises the count in its write',
    'draft.ts',
    '(consultor.abertos ?? 0) + 1',
    'consultor.abertos ?? 0',
    unit('limit'),
  ),
  rule(
    'a pause is no absence',
    'absence.ts',
    'const offline = online ? undefined',
    'const offline = online && horario === undefined ? undefined',
    unit('hours', 'absence', 'pause'),
  ),
  rule(
    'hours count as absence',
    'absence.ts',
    'horario?.dentro === false ? forLong(horario.desde, ms, now) : undefined',
    'undefined',
    unit('hours', 'absence'),
  ),
  rule(
    'an absence lasts a while',
    'absence.ts',
    '>= ms ? { desde } : undefined',
    '>= 0 ? { desde } : undefined',
    unit('absence'),
  ),
]

const WAITING = [
  rule(
    'who waits is served in order',
    'waiting.ts',
    'for (const cliente of draft.espera) {\n    const standing',
    'for (const cliente of [...draft.espera].reverse()) {\n    const standing',
    unit('waiting', 'model'),
  ),
  rule(
    'one waiting customer an interval',
    'waiting.ts',
    'draft.moment.now.getTime() - consultor.espera_em.getTime()) < interval',
    'draft.moment.now.getTime() - consultor.espera_em.getTime()) < 0',
    unit('waiting'),
  ),
  rule(
    'nobody overtakes who is held',
    'waiting.ts',
    'held.some((one) => suits(choice.consultor, one))',
    'false',
    unit('waiting'),
  ),
  rule(
    'a new request queues behind who is held',
    'decide.ts',
    'if (esperar && mustQueue(draft, command))',
    'if (false)',
    unit('waiting'),
  ),
  rule(
    'who waited too long leaves',
    'waiting.ts',
    'cliente.ate > draft.moment.now || draft.full',
    'true',
    unit('waiting'),
  ),
  rule(
    'who was helped elsewhere leaves',
    'decide.ts',
    'const cliente = leaveLine(draft, command)',
    'const cliente = undefined',
    unit('leaving'),
  ),
]

const LEDGER = [
  rule(
    'each change of a person is an event',
    'ledger.ts',
    'if (changed.length === 0) return',
    'return',
    unit('ledger'),
  ),
  rule(
    'who joins the line is an event',
    'ledger.ts',
    "draft.record({ tipo: 'entrou_na_espera'",
    "if (false) draft.record({ tipo: 'entrou_na_espera'",
    unit('ledger'),
  ),
  {
    ...{ regra: 'the replay sees whom the rule would have picked', arquivo: 'src/eventos/replay.ts' },
    ...{
      de: 'if (chosen?.id !== row.consultor_id) {',
      para: 'if (false) {',
      testes: ['test/eventos/verify.test.ts'],
      motor: true,
    },
  },
  {
    ...{ regra: 'the replay sees a missing number', arquivo: 'src/eventos/replay.ts' },
    ...{ de: 'if (n !== this.place.n + 1)', para: 'if (false)', testes: ['test/eventos/verify.test.ts'], motor: true },
  },
  {
    ...{ regra: 'the report compares people two by two', arquivo: 'src/justica/pairs.ts' },
    ...{ de: 'if (this.#kinds.get(id) === kind) return', para: 'return', testes: ['test/justica/rules.test.ts'] },
  },
]

const COMMIT = [
  {
    ...{ regra: 'a write has the version that it was decided on', arquivo: 'src/vez/commit/store.ts' },
    ...{ de: "{ _id: 'vez', versao: guard.versao, marca: guard.previousWriteId }", para: "{ _id: 'vez' }" },
    ...{ testes: ['test/invariantes/two-processes.test.ts'], motor: true, compilado: true },
  },
  {
    ...{ regra: 'a process that lost leaves a claim', arquivo: 'src/vez/commit/write-claims.ts' },
    ...{ de: 'yieldUntil: now + Math.min(MAX_YIELD_MS, ATTEMPTS * ms)', para: 'yieldUntil: now' },
    ...{ testes: ['test/vez/commit/write-claims.test.ts', 'test/vez/commit/starvation.test.ts'] },
  },
  {
    ...{ regra: 'a webhook is signed', arquivo: 'src/lib/signature.ts' },
    ...{ de: "given !== undefined && secret !== '' && sameBytes", para: 'true || sameBytes' },
    ...{ testes: ['test/integrations/contract.test.ts'] },
  },
  {
    ...{ regra: 'work is ended by who has its lease', arquivo: 'src/tarefas/store.ts' },
    ...{ de: 'releases.add({ filter: { _id, lease }', para: 'releases.add({ filter: { _id }' },
    ...{ testes: ['test/tarefas/worker.test.ts'], motor: true },
  },
  {
    ...{ regra: 'a key has one protocol, by an index', arquivo: 'src/protocolos/model.ts' },
    ...{ de: 'key: { chave: 1 }, unique: true', para: 'key: { chave: 1 }' },
    ...{ testes: ['test/falhas/drain.test.ts'], motor: true },
  },
]

export const TABELA = [...CONDITIONS, ...TURN, ...POLICIES, ...WAITING, ...LEDGER, ...COMMIT, ...PAGINAS]
